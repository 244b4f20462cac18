/* Weighted sums of quantized values along one axis. */
#ifndef EDGEC_RESAMPLE_QUANTIZED_H
#define EDGEC_RESAMPLE_QUANTIZED_H

#include "edgec/quantized.h"
#include "edgec/resample.h"

/* Weights, [count][taps], share a shift; `rounding` is half of its unit. */
typedef struct {
  const int32_t *weights;
  int64_t rounding;
  int32_t shift;
  int32_t x_zero;
  edgec_result result;
} edgec_weights;

/* Shapes and indices as in edgec/resample.h. Four elements at a time, of which each weight is loaded once. y must not
   overlap x. */
#define EDGEC_RESAMPLE_QUANTIZED_KERNEL(suffix, type, sum, index_suffix, index_type, to, to_type)                   \
  EDGEC_KERNEL int32_t edgec_resample_##suffix##_##index_suffix##_##to(                                             \
      const edgec_resample *op, const edgec_weights *weights, const type *x, const index_type *indices, to_type *y) \
  {                                                                                                                 \
    for (int32_t o = 0; o < op->outer; ++o, x += (ptrdiff_t)op->extent * op->inner) {                               \
      for (int32_t c = 0; c < op->count; ++c, y += op->inner) {                                                     \
        const index_type *const index = indices + (ptrdiff_t)c * op->taps;                                          \
        const int32_t *const weight = weights->weights + (ptrdiff_t)c * op->taps;                                   \
        edgec_shared_##sum begin = (edgec_shared_##sum)weights->rounding;                                           \
        for (int32_t tap = 0; tap < op->taps; ++tap) {                                                              \
          if (index[tap] < -op->extent || index[tap] >= op->extent) {                                               \
            return EDGEC_ERROR_INDEX;                                                                               \
          }                                                                                                         \
          begin -= (edgec_shared_##sum)weights->x_zero * (edgec_shared_##sum)weight[tap];                           \
        }                                                                                                           \
        int32_t i = 0;                                                                                              \
        for (; i + 4 <= op->inner; i += 4) {                                                                        \
          edgec_shared_##sum s0 = begin, s1 = begin, s2 = begin, s3 = begin;                                        \
          for (int32_t tap = 0; tap < op->taps; ++tap) {                                                            \
            const type *const from = x + edgec_resampled_##index_suffix(op, index[tap]) + i;                        \
            s0 += (edgec_shared_##sum)from[0] * (edgec_shared_##sum)weight[tap];                                    \
            s1 += (edgec_shared_##sum)from[1] * (edgec_shared_##sum)weight[tap];                                    \
            s2 += (edgec_shared_##sum)from[2] * (edgec_shared_##sum)weight[tap];                                    \
            s3 += (edgec_shared_##sum)from[3] * (edgec_shared_##sum)weight[tap];                                    \
          }                                                                                                         \
          y[i] = (to_type)edgec_shared_code_##sum(s0, weights->shift, &weights->result);                            \
          y[i + 1] = (to_type)edgec_shared_code_##sum(s1, weights->shift, &weights->result);                        \
          y[i + 2] = (to_type)edgec_shared_code_##sum(s2, weights->shift, &weights->result);                        \
          y[i + 3] = (to_type)edgec_shared_code_##sum(s3, weights->shift, &weights->result);                        \
        }                                                                                                           \
        for (; i < op->inner; ++i) {                                                                                \
          edgec_shared_##sum s = begin;                                                                             \
          for (int32_t tap = 0; tap < op->taps; ++tap) {                                                            \
            s += (edgec_shared_##sum)x[edgec_resampled_##index_suffix(op, index[tap]) + i] *                        \
                 (edgec_shared_##sum)weight[tap];                                                                   \
          }                                                                                                         \
          y[i] = (to_type)edgec_shared_code_##sum(s, weights->shift, &weights->result);                             \
        }                                                                                                           \
      }                                                                                                             \
    }                                                                                                               \
    return EDGEC_OK;                                                                                                \
  }

/* The offset of what an index names; a negative one counts from the end. */
EDGEC_INLINE ptrdiff_t edgec_resampled_i32(const edgec_resample *op, int32_t index)
{
  return (ptrdiff_t)(index + (index < 0 ? op->extent : 0)) * op->inner;
}

EDGEC_INLINE ptrdiff_t edgec_resampled_i64(const edgec_resample *op, int64_t index)
{
  return edgec_resampled_i32(op, (int32_t)index);
}

#define EDGEC_RESAMPLE_QUANTIZED(suffix, type, sum)                                    \
  EDGEC_TO_QUANTIZED(EDGEC_RESAMPLE_QUANTIZED_KERNEL, suffix, type, sum, i32, int32_t) \
  EDGEC_TO_QUANTIZED(EDGEC_RESAMPLE_QUANTIZED_KERNEL, suffix, type, sum, i64, int64_t)

EDGEC_RESAMPLE_QUANTIZED(i8, int8_t, i32)
EDGEC_RESAMPLE_QUANTIZED(u8, uint8_t, i32)
EDGEC_RESAMPLE_QUANTIZED(i16, int16_t, i64)

#endif
