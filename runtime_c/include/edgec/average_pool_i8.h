/* Means of windows of bytes on hosts: channels are lanes. */
#ifndef EDGEC_AVERAGE_POOL_I8_H
#define EDGEC_AVERAGE_POOL_I8_H

#include "edgec/average_pool_quantized.h"
#include "edgec/elementwise_i8.h"

/* Begun at `sums`, those of `count` channels over the taps of a window that lie inside, from element `column` on. */
EDGEC_INLINE edgec_vector edgec_pooled_vector(edgec_vector sums, const edgec_pool *op, const int8_t *const *rows,
                                              int32_t column, int32_t taps, int32_t count)
{
  for (int32_t row = 0; row < op->kernel_rows; ++row) {
    for (int32_t t = 0; rows[row] != NULL && t < taps; ++t) {
      sums += edgec_load_bytes(rows[row] + (column + t * op->dilation * op->channels), count);
    }
  }
  return sums;
}

/* One row of output from kernel_rows pointers to rows of input (NULL: a row of padding); padding stands for the number 0.
   Shifts are 33 and more. */
EDGEC_KERNEL void EDGEC_LANES_I8(average_pool)(const edgec_pool *op, const edgec_means *means, int32_t counted_left,
                                               int32_t counted_right, const int8_t *const *rows, int32_t counted_rows,
                                               int8_t *y)
{
  int32_t rows_inside = 0;
  for (int32_t row = 0; row < op->kernel_rows; ++row) {
    rows_inside += rows[row] != NULL;
  }
  for (int32_t x = 0; x < op->out_width; ++x) {
    const int32_t x0 = x * op->stride - op->pad_left;
    const int32_t first = edgec_taps_begin(x0, op->dilation);
    const int32_t end = edgec_taps_end(x0, op->dilation, op->kernel_width, op->in_width);
    const int32_t taps = end > first ? end - first : 0;
    const int32_t column = (x0 + first * op->dilation) * op->channels;
    const int32_t count =
        means->uniform ? 0 : edgec_average_pool_count(op, counted_rows, counted_left, counted_right, x0);
    const int32_t shift = means->shift[count] - 32;
    const edgec_codes_i8 codes = {means->multiplier[count], INT32_C(1) << (shift - 1), shift,
                                  means->result.zero_point, means->result.low, means->result.high};
    const edgec_scales scales = edgec_scales_all(&codes);
    const edgec_vector begin = edgec_all(-rows_inside * taps * means->x_zero);
    EDGEC_EACH_VECTOR(op->channels) {
      edgec_coded(&codes, &scales, edgec_pooled_vector(begin, op, rows, column + i, taps, n), y + i, n);
    }
    y += op->channels;
  }
}

#endif
