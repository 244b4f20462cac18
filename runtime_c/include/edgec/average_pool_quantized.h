/* Average pooling of quantized values in 2-D and 3-D. */
#ifndef EDGEC_AVERAGE_POOL_QUANTIZED_H
#define EDGEC_AVERAGE_POOL_QUANTIZED_H

#include "edgec/average_pool.h"
#include "edgec/quantized.h"

/* Multipliers and shifts by the number of elements that count in a window; `uniform`: all windows count alike, and the
   first ones are theirs. */
typedef struct {
  const int32_t *multiplier;
  const int32_t *shift;
  int32_t uniform;
  int32_t x_zero;
  edgec_result result;
} edgec_means;

/* Sums of up to four channels. */
typedef struct {
  edgec_exact_i32 a, b, c, d;
} edgec_pooled_i32;

typedef struct {
  edgec_exact_i64 a, b, c, d;
} edgec_pooled_i64;

/* Add `taps` elements of a row, `step` apart: of four channels, and of one. */
#define EDGEC_POOLED(suffix, type, sum)                                                                       \
  EDGEC_INLINE void edgec_pooled_4_##suffix##_##sum(edgec_pooled_##sum *total, const type *x, ptrdiff_t step, \
                                                    int32_t taps)                                             \
  {                                                                                                           \
    for (int32_t t = 0; t < taps; ++t, x += step) {                                                           \
      total->a += x[0];                                                                                       \
      total->b += x[1];                                                                                       \
      total->c += x[2];                                                                                       \
      total->d += x[3];                                                                                       \
    }                                                                                                         \
  }                                                                                                           \
  EDGEC_INLINE void edgec_pooled_1_##suffix##_##sum(edgec_pooled_##sum *total, const type *x, ptrdiff_t step, \
                                                    int32_t taps)                                             \
  {                                                                                                           \
    for (int32_t t = 0; t < taps; ++t, x += step) {                                                           \
      total->a += x[0];                                                                                       \
    }                                                                                                         \
  }

/* The sums of `lanes` channels from c on over the window whose first column inside is `column`. */
#define EDGEC_POOLED_WINDOW(suffix, sum, lanes)                                            \
  edgec_pooled_##sum total = {begin, begin, begin, begin};                                 \
  for (int32_t row = 0; row < op->kernel_rows; ++row) {                                    \
    if (rows[row] != NULL) {                                                               \
      edgec_pooled_##lanes##_##suffix##_##sum(&total, rows[row] + column + c, step, taps); \
    }                                                                                      \
  }

#define EDGEC_POOLED_CODE(sum, to_type, total)                                                                       \
  ((to_type)edgec_code(edgec_rescale_##sum((total), multiplier, shift), means->result.zero_point, means->result.low, \
                       means->result.high))

/* A row of output; padding stands for the number 0. */
#define EDGEC_AVERAGE_POOL_QUANTIZED_KERNEL(suffix, type, sum, to, to_type)                                 \
  EDGEC_KERNEL void edgec_average_pool_##suffix##_##sum##_##to(                                             \
      const edgec_pool *op, const edgec_means *means, int32_t counted_left, int32_t counted_right,          \
      const type *const *rows, int32_t counted_rows, to_type *y)                                            \
  {                                                                                                         \
    const ptrdiff_t step = (ptrdiff_t)op->dilation * op->channels;                                          \
    int32_t rows_inside = 0;                                                                                \
    for (int32_t row = 0; row < op->kernel_rows; ++row) {                                                   \
      rows_inside += rows[row] != NULL;                                                                     \
    }                                                                                                       \
    for (int32_t x = 0; x < op->out_width; ++x) {                                                           \
      const int32_t x0 = x * op->stride - op->pad_left;                                                     \
      const int32_t first = edgec_taps_begin(x0, op->dilation);                                             \
      const int32_t end = edgec_taps_end(x0, op->dilation, op->kernel_width, op->in_width);                 \
      const int32_t taps = end > first ? end - first : 0;                                                   \
      const ptrdiff_t column = taps == 0 ? 0 : (ptrdiff_t)(x0 + first * op->dilation) * op->channels;       \
      const edgec_exact_##sum begin = -(edgec_exact_##sum)(rows_inside * taps) * means->x_zero;             \
      const int32_t count =                                                                                 \
          means->uniform ? 0 : edgec_average_pool_count(op, counted_rows, counted_left, counted_right, x0); \
      const int32_t multiplier = means->multiplier[count];                                                  \
      const int32_t shift = means->shift[count];                                                            \
      int32_t c = 0;                                                                                        \
      for (; c + 4 <= op->channels; c += 4) {                                                               \
        EDGEC_POOLED_WINDOW(suffix, sum, 4)                                                                 \
        y[c] = EDGEC_POOLED_CODE(sum, to_type, total.a);                                                    \
        y[c + 1] = EDGEC_POOLED_CODE(sum, to_type, total.b);                                                \
        y[c + 2] = EDGEC_POOLED_CODE(sum, to_type, total.c);                                                \
        y[c + 3] = EDGEC_POOLED_CODE(sum, to_type, total.d);                                                \
      }                                                                                                     \
      for (; c < op->channels; ++c) {                                                                       \
        EDGEC_POOLED_WINDOW(suffix, sum, 1)                                                                 \
        y[c] = EDGEC_POOLED_CODE(sum, to_type, total.a);                                                    \
      }                                                                                                     \
      y += op->channels;                                                                                    \
    }                                                                                                       \
  }

#define EDGEC_AVERAGE_POOL_QUANTIZED(suffix, type, sum) \
  EDGEC_POOLED(suffix, type, sum)                       \
  EDGEC_TO_QUANTIZED(EDGEC_AVERAGE_POOL_QUANTIZED_KERNEL, suffix, type, sum)

EDGEC_FOR_QUANTIZED_SUMS(EDGEC_AVERAGE_POOL_QUANTIZED)

#endif
