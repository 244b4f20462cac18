/* Average pooling of bytes of 8 channels or more, and of halfwords of 4, with the vectors of Armv8.1-M. */
#ifndef EDGEC_AVERAGE_POOL_MVE_H
#define EDGEC_AVERAGE_POOL_MVE_H

#include <arm_mve.h>

#include "edgec/average_pool_quantized.h"
#include "edgec/block16_mve.h"

/* Halfwords hold the sum of a window, of 256 elements at most. */
EDGEC_INLINE int16x8_t edgec_pooled_mve(const edgec_pool *op, const int8_t *const *rows, int32_t column, int32_t taps)
{
  int16x8_t sums = vdupq_n_s16(0);
  for (int32_t row = 0; row < op->kernel_rows; ++row) {
    if (rows[row] != NULL) {
      const int8_t *x = rows[row] + column;
      for (int32_t t = 0; t < taps; ++t, x += op->dilation * op->channels) {
        sums = vaddq_s16(sums, vldrbq_s16(x));
      }
    }
  }
  return sums;
}

/* The sums of every other channel, rescaled. */
EDGEC_INLINE int32x4_t edgec_means_mve(int32x4_t sums, int32_t begin, int32_t multiplier, int32_t shift)
{
  return vrshlq_n_s32(vqdmulhq_n_s32(vaddq_n_s32(sums, begin), multiplier), 31 - shift);
}

/* The codes of 8 channels of a window. */
EDGEC_INLINE void edgec_averages_mve_i8(const edgec_pool *op, const edgec_result *result, const int8_t *const *rows,
                                        int32_t column, int32_t taps, int32_t begin, int32_t multiplier, int32_t shift,
                                        int8_t *y)
{
  const int16x8_t sums = edgec_pooled_mve(op, rows, column, taps);
  const int32x4_t even = edgec_means_mve(vmovlbq_s16(sums), begin, multiplier, shift);
  const int32x4_t odd = edgec_means_mve(vmovltq_s16(sums), begin, multiplier, shift);
  int16x8_t codes = vqmovntq_s32(vqmovnbq_s32(vdupq_n_s16(0), even), odd);
  codes = vqaddq_n_s16(codes, (int16_t)result->zero_point);
  codes = vmaxq_s16(codes, vdupq_n_s16((int16_t)result->low));
  codes = vminq_s16(codes, vdupq_n_s16((int16_t)result->high));
  vstrbq_s16(y, codes);
}

/* Of 4 channels of halfwords, of fewer than 2^15 elements. */
EDGEC_INLINE void edgec_averages_mve_i16(const edgec_pool *op, const edgec_result *result, const int16_t *const *rows,
                                         int32_t column, int32_t taps, int32_t begin, int32_t multiplier, int32_t shift,
                                         int16_t *y)
{
  int32x4_t sums = vdupq_n_s32(0);
  for (int32_t row = 0; row < op->kernel_rows; ++row) {
    if (rows[row] != NULL) {
      const int16_t *x = rows[row] + column;
      for (int32_t t = 0; t < taps; ++t, x += op->dilation * op->channels) {
        sums = vaddq_s32(sums, vldrhq_s32(x));
      }
    }
  }
  int32x4_t codes = edgec_means_mve(sums, begin, multiplier, shift);
  codes = vqaddq_n_s32(codes, result->zero_point);
  codes = vmaxq_s32(codes, vdupq_n_s32(result->low));
  codes = vminq_s32(codes, vdupq_n_s32(result->high));
  vstrhq_s32(y, codes);
}

/* A row of output; padding stands for the number 0. Shifts are 32 or more. The last `lanes` channels are the last ones. */
#define EDGEC_AVERAGE_POOL_MVE(suffix, type, lanes)                                                                     \
  EDGEC_BLOCK_KERNEL void edgec_average_pool_mve_##suffix(const edgec_pool *op, const edgec_means *means,               \
                                                          int32_t counted_left, int32_t counted_right,                  \
                                                          const type *const *rows, int32_t counted_rows, type *y)       \
  {                                                                                                                     \
    int32_t rows_inside = 0;                                                                                            \
    for (int32_t row = 0; row < op->kernel_rows; ++row) {                                                               \
      rows_inside += rows[row] != NULL;                                                                                 \
    }                                                                                                                   \
    for (int32_t x = 0; x < op->out_width; ++x, y += op->channels) {                                                    \
      const int32_t x0 = x * op->stride - op->pad_left;                                                                 \
      const int32_t first = edgec_taps_begin(x0, op->dilation);                                                         \
      const int32_t end = edgec_taps_end(x0, op->dilation, op->kernel_width, op->in_width);                             \
      const int32_t taps = end > first ? end - first : 0;                                                               \
      const int32_t column = taps == 0 ? 0 : (x0 + first * op->dilation) * op->channels;                                \
      const int32_t begin = -(rows_inside * taps) * means->x_zero;                                                      \
      const int32_t count =                                                                                             \
          means->uniform ? 0 : edgec_average_pool_count(op, counted_rows, counted_left, counted_right, x0);             \
      const int32_t multiplier = means->multiplier[count];                                                              \
      const int32_t shift = means->shift[count];                                                                        \
      for (int32_t next = 0; next < op->channels; next += lanes) {                                                      \
        const int32_t c = next < op->channels - lanes ? next : op->channels - lanes;                                    \
        edgec_averages_mve_##suffix(op, &means->result, rows, column + c, taps, begin, multiplier, shift, y + c);       \
      }                                                                                                                 \
    }                                                                                                                   \
  }

EDGEC_AVERAGE_POOL_MVE(i8, int8_t, 8)
EDGEC_AVERAGE_POOL_MVE(i16, int16_t, 4)

#endif
