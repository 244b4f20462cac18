/* Weighted sums along one axis: resizing, an axis at a time. */
#ifndef EDGEC_RESAMPLE_H
#define EDGEC_RESAMPLE_H

#include "edgec/types.h"

/* x is [outer][extent][inner], y is [outer][count][inner], indices and weights are [count][taps]. */
typedef struct {
  int32_t outer;
  int32_t extent;
  int32_t inner;
  int32_t count;
  int32_t taps;
} edgec_resample;

/* Define kernel edgec_resample_<type>_<suffix of the indices>: y[o][c][i] = the sum over taps of weight times x[o][its
   index][i]. The products are added in the order of the taps, from the first one on. y must not overlap x. Returns
   EDGEC_OK, or EDGEC_ERROR_INDEX at the first index outside of the axis; a negative index counts from the end. */
#define EDGEC_RESAMPLE_KERNEL(suffix, number, index_suffix, index_type)                                           \
  EDGEC_KERNEL int32_t edgec_resample_##suffix##_##index_suffix(                                                  \
      const edgec_resample *op, const number *x, const index_type *indices, const number *weights, number *y)     \
  {                                                                                                               \
    for (int32_t o = 0; o < op->outer; ++o) {                                                                     \
      for (int32_t c = 0; c < op->count; ++c) {                                                                   \
        for (int32_t tap = 0; tap < op->taps; ++tap) {                                                            \
          const index_type index = indices[c * op->taps + tap];                                                   \
          const number weight = weights[c * op->taps + tap];                                                      \
          if (index < -op->extent || index >= op->extent) {                                                       \
            return EDGEC_ERROR_INDEX;                                                                             \
          }                                                                                                       \
          const int32_t place = (int32_t)index + (index < 0 ? op->extent : 0);                                    \
          const number *const from = x + (ptrdiff_t)place * op->inner;                                            \
          if (tap == 0) {                                                                                         \
            for (int32_t i = 0; i < op->inner; ++i) {                                                             \
              y[i] = weight * from[i];                                                                            \
            }                                                                                                     \
          } else {                                                                                                \
            for (int32_t i = 0; i < op->inner; ++i) {                                                             \
              y[i] += weight * from[i];                                                                           \
            }                                                                                                     \
          }                                                                                                       \
        }                                                                                                         \
        y += op->inner;                                                                                           \
      }                                                                                                           \
      x += (ptrdiff_t)op->extent * op->inner;                                                                     \
    }                                                                                                             \
    return EDGEC_OK;                                                                                              \
  }

#define EDGEC_RESAMPLE_KERNELS(suffix, type, wide)   \
  EDGEC_RESAMPLE_KERNEL(suffix, type, i32, int32_t) \
  EDGEC_RESAMPLE_KERNEL(suffix, type, i64, int64_t)

EDGEC_FOR_FLOATS(EDGEC_RESAMPLE_KERNELS)

#endif
