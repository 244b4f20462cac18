/* Blocks of sums of products of integers, and the codes that become of them: what convolution, dense and matmul on
   quantized values have in common.

   A block is P pixels x C output channels, PxC one of 3x2, 1x4, 1x1: as many sums as fit the registers of a small
   core beside their operands. Weights lie in rows, one an output channel: the sum along a row is what compilers have
   vector instructions for. Sums are exact, so that their order is of no account; in 32 bits they may wrap around on
   the way, as code generation proves that they fit in the end. */
#ifndef EDGEC_BLOCK_QUANTIZED_H
#define EDGEC_BLOCK_QUANTIZED_H

#include "edgec/quantized.h"

/* --- types --------------------------------------------------------------------------------------------------------- */

typedef uint32_t edgec_sum_i32;
typedef int64_t edgec_sum_i64;
typedef int32_t edgec_bias_i32;
typedef int64_t edgec_bias_i64;

/* X(suffixes of x, w and their sum, type of x, type of w, the sum's suffix): x by weights, which are i16 where a
   zero point was taken off them; and what products of two activations are besides. */
#define EDGEC_FOR_WEIGHTED_SUMS(X)      \
  X(i8_i8_i32, int8_t, int8_t, i32)     \
  X(i8_i16_i32, int8_t, int16_t, i32)   \
  X(u8_i8_i32, uint8_t, int8_t, i32)    \
  X(u8_i16_i32, uint8_t, int16_t, i32)  \
  X(i16_i8_i32, int16_t, int8_t, i32)   \
  X(i16_i16_i32, int16_t, int16_t, i32) \
  X(i16_i8_i64, int16_t, int8_t, i64)   \
  X(i16_i16_i64, int16_t, int16_t, i64)

#define EDGEC_FOR_OTHER_SUMS(X)        \
  X(i8_u8_i32, int8_t, uint8_t, i32)   \
  X(u8_u8_i32, uint8_t, uint8_t, i32)  \
  X(i16_u8_i32, int16_t, uint8_t, i32) \
  X(i16_u8_i64, int16_t, uint8_t, i64) \
  X(i8_i16_i64, int8_t, int16_t, i64)  \
  X(u8_i16_i64, uint8_t, int16_t, i64)

/* X(sum's suffix, result's suffix and type) */
#define EDGEC_FOR_CODES(X) \
  X(i32, i8, int8_t)       \
  X(i32, u8, uint8_t)      \
  X(i32, i16, int16_t)     \
  X(i64, i8, int8_t)       \
  X(i64, u8, uint8_t)      \
  X(i64, i16, int16_t)

/* --- sums ---------------------------------------------------------------------------------------------------------- */

/* Sums of the weights of up to four channels: what padding, which is one number, adds to sums of products. */
typedef struct {
  int32_t a, b, c, d;
} edgec_totals;

#define EDGEC_QUANTIZED_SUMS(s)                                                                                       \
  typedef struct {                                                                                                    \
    edgec_sum_##s a0, a1, b0, b1, c0, c1; /* pixels a, b, c of channels 0, 1 */                                       \
  } edgec_sums_3x2_##s;                                                                                               \
                                                                                                                      \
  typedef struct {                                                                                                    \
    edgec_sum_##s a, b, c, d; /* channels */                                                                          \
  } edgec_sums_1x4_##s;                                                                                               \
                                                                                                                      \
  typedef struct {                                                                                                    \
    edgec_sum_##s a;                                                                                                  \
  } edgec_sums_1x1_##s;                                                                                               \
                                                                                                                      \
  /* Each sum starts at its channel's bias. */                                                                        \
  EDGEC_INLINE edgec_sums_3x2_##s edgec_begin_3x2_##s(const edgec_bias_##s *bias)                                     \
  {                                                                                                                   \
    const edgec_sum_##s k0 = (edgec_sum_##s)bias[0];                                                                  \
    const edgec_sum_##s k1 = (edgec_sum_##s)bias[1];                                                                  \
    const edgec_sums_3x2_##s sum = {k0, k1, k0, k1, k0, k1};                                                          \
    return sum;                                                                                                       \
  }                                                                                                                   \
                                                                                                                      \
  EDGEC_INLINE edgec_sums_1x4_##s edgec_begin_1x4_##s(const edgec_bias_##s *bias)                                     \
  {                                                                                                                   \
    const edgec_sums_1x4_##s sum = {(edgec_sum_##s)bias[0], (edgec_sum_##s)bias[1], (edgec_sum_##s)bias[2],           \
                                    (edgec_sum_##s)bias[3]};                                                          \
    return sum;                                                                                                       \
  }                                                                                                                   \
                                                                                                                      \
  EDGEC_INLINE edgec_sums_1x1_##s edgec_begin_1x1_##s(const edgec_bias_##s *bias)                                     \
  {                                                                                                                   \
    const edgec_sums_1x1_##s sum = {(edgec_sum_##s)bias[0]};                                                          \
    return sum;                                                                                                       \
  }                                                                                                                   \
                                                                                                                      \
  /* sum[p][c] += x * total[c] */                                                                                     \
  EDGEC_INLINE void edgec_add_3x2_##s(edgec_sums_3x2_##s *sum, int32_t x, const edgec_totals *total)                  \
  {                                                                                                                   \
    const edgec_sum_##s k0 = (edgec_sum_##s)x * (edgec_sum_##s)total->a;                                              \
    const edgec_sum_##s k1 = (edgec_sum_##s)x * (edgec_sum_##s)total->b;                                              \
    sum->a0 += k0;                                                                                                    \
    sum->a1 += k1;                                                                                                    \
    sum->b0 += k0;                                                                                                    \
    sum->b1 += k1;                                                                                                    \
    sum->c0 += k0;                                                                                                    \
    sum->c1 += k1;                                                                                                    \
  }                                                                                                                   \
                                                                                                                      \
  EDGEC_INLINE void edgec_add_1x4_##s(edgec_sums_1x4_##s *sum, int32_t x, const edgec_totals *total)                  \
  {                                                                                                                   \
    sum->a += (edgec_sum_##s)x * (edgec_sum_##s)total->a;                                                             \
    sum->b += (edgec_sum_##s)x * (edgec_sum_##s)total->b;                                                             \
    sum->c += (edgec_sum_##s)x * (edgec_sum_##s)total->c;                                                             \
    sum->d += (edgec_sum_##s)x * (edgec_sum_##s)total->d;                                                             \
  }                                                                                                                   \
                                                                                                                      \
  EDGEC_INLINE void edgec_add_1x1_##s(edgec_sums_1x1_##s *sum, int32_t x, const edgec_totals *total)                  \
  {                                                                                                                   \
    sum->a += (edgec_sum_##s)x * (edgec_sum_##s)total->a;                                                             \
  }

EDGEC_QUANTIZED_SUMS(i32)
EDGEC_QUANTIZED_SUMS(i64)

/* edgec_accumulate: sum[p][c] += (x[p * pixel + i] - x_zero) * (w[c * channel + i * step] - w_zero), i = 0 .. count - 1
   edgec_total: total[c] += w[c * channel + i], i = 0 .. count - 1 */
#define EDGEC_QUANTIZED_ACCUMULATE(product, x_type, w_type, s)                                                        \
  EDGEC_INLINE void edgec_accumulate_3x2_##product(                                                                   \
      edgec_sums_3x2_##s *sum, const x_type *x, ptrdiff_t pixel, int32_t x_zero, const w_type *w, ptrdiff_t channel,  \
      ptrdiff_t step, int32_t w_zero, int32_t count)                                                                  \
  {                                                                                                                   \
    const x_type *const x1 = x + pixel;                                                                               \
    const x_type *const x2 = x1 + pixel;                                                                              \
    const w_type *const w1 = w + channel;                                                                             \
    for (int32_t i = 0; i < count; ++i) {                                                                             \
      const int32_t k0 = w[i * step] - w_zero;                                                                        \
      const int32_t k1 = w1[i * step] - w_zero;                                                                       \
      const int32_t a = x[i] - x_zero;                                                                                \
      const int32_t b = x1[i] - x_zero;                                                                               \
      const int32_t c = x2[i] - x_zero;                                                                               \
      sum->a0 += (edgec_sum_##s)(a * k0);                                                                             \
      sum->a1 += (edgec_sum_##s)(a * k1);                                                                             \
      sum->b0 += (edgec_sum_##s)(b * k0);                                                                             \
      sum->b1 += (edgec_sum_##s)(b * k1);                                                                             \
      sum->c0 += (edgec_sum_##s)(c * k0);                                                                             \
      sum->c1 += (edgec_sum_##s)(c * k1);                                                                             \
    }                                                                                                                 \
  }                                                                                                                   \
                                                                                                                      \
  EDGEC_INLINE void edgec_accumulate_1x4_##product(                                                                   \
      edgec_sums_1x4_##s *sum, const x_type *x, ptrdiff_t pixel, int32_t x_zero, const w_type *w, ptrdiff_t channel,  \
      ptrdiff_t step, int32_t w_zero, int32_t count)                                                                  \
  {                                                                                                                   \
    const w_type *const w1 = w + channel;                                                                             \
    const w_type *const w2 = w1 + channel;                                                                            \
    const w_type *const w3 = w2 + channel;                                                                            \
    (void)pixel;                                                                                                      \
    for (int32_t i = 0; i < count; ++i) {                                                                             \
      const int32_t value = x[i] - x_zero;                                                                            \
      sum->a += (edgec_sum_##s)(value * (w[i * step] - w_zero));                                                      \
      sum->b += (edgec_sum_##s)(value * (w1[i * step] - w_zero));                                                     \
      sum->c += (edgec_sum_##s)(value * (w2[i * step] - w_zero));                                                     \
      sum->d += (edgec_sum_##s)(value * (w3[i * step] - w_zero));                                                     \
    }                                                                                                                 \
  }                                                                                                                   \
                                                                                                                      \
  EDGEC_INLINE void edgec_accumulate_1x1_##product(                                                                   \
      edgec_sums_1x1_##s *sum, const x_type *x, ptrdiff_t pixel, int32_t x_zero, const w_type *w, ptrdiff_t channel,  \
      ptrdiff_t step, int32_t w_zero, int32_t count)                                                                  \
  {                                                                                                                   \
    (void)pixel;                                                                                                      \
    (void)channel;                                                                                                    \
    for (int32_t i = 0; i < count; ++i) {                                                                             \
      sum->a += (edgec_sum_##s)((x[i] - x_zero) * (w[i * step] - w_zero));                                            \
    }                                                                                                                 \
  }                                                                                                                   \
                                                                                                                      \
  EDGEC_INLINE void edgec_total_3x2_##product(edgec_totals *total, const w_type *w, ptrdiff_t channel, int32_t count) \
  {                                                                                                                   \
    for (int32_t i = 0; i < count; ++i) {                                                                             \
      total->a += w[i];                                                                                               \
      total->b += w[channel + i];                                                                                     \
    }                                                                                                                 \
  }                                                                                                                   \
                                                                                                                      \
  EDGEC_INLINE void edgec_total_1x4_##product(edgec_totals *total, const w_type *w, ptrdiff_t channel, int32_t count) \
  {                                                                                                                   \
    for (int32_t i = 0; i < count; ++i) {                                                                             \
      total->a += w[i];                                                                                               \
      total->b += w[channel + i];                                                                                     \
      total->c += w[2 * channel + i];                                                                                 \
      total->d += w[3 * channel + i];                                                                                 \
    }                                                                                                                 \
  }                                                                                                                   \
                                                                                                                      \
  EDGEC_INLINE void edgec_total_1x1_##product(edgec_totals *total, const w_type *w, ptrdiff_t channel, int32_t count) \
  {                                                                                                                   \
    (void)channel;                                                                                                    \
    for (int32_t i = 0; i < count; ++i) {                                                                             \
      total->a += w[i];                                                                                               \
    }                                                                                                                 \
  }

EDGEC_FOR_WEIGHTED_SUMS(EDGEC_QUANTIZED_ACCUMULATE)
EDGEC_FOR_OTHER_SUMS(EDGEC_QUANTIZED_ACCUMULATE)

/* --- codes --------------------------------------------------------------------------------------------------------- */

/* Multipliers and shifts of sums: one for each channel, or one for all. */
typedef struct {
  const int32_t *multiplier;
  const uint8_t *shift;
  int32_t step;  /* 1: one for each channel, 0: one for all */
  int32_t upper; /* no shift is below 33 */
} edgec_factors;

/* For the rare sum of which the upper half of the product is not enough: too large to be worth a copy at each. */
EDGEC_FUNCTION int32_t edgec_rescale_wide(int64_t sum, int32_t multiplier, int32_t shift)
{
  return edgec_rescale_i64(sum, multiplier, shift);
}

EDGEC_INLINE int32_t edgec_code_i32(edgec_sum_i32 sum, const edgec_factors *factors,
                                    const edgec_result *result, ptrdiff_t channel)
{
  const int32_t multiplier = factors->multiplier[channel * factors->step];
  const int32_t shift = factors->shift[channel * factors->step];
  const int32_t rescaled = factors->upper ? edgec_rescale_upper((int32_t)sum, multiplier, shift)
                                          : edgec_rescale_wide((int32_t)sum, multiplier, shift);
  return edgec_code(rescaled, result->zero_point, result->low, result->high);
}

EDGEC_INLINE int32_t edgec_code_i64(edgec_sum_i64 sum, const edgec_factors *factors,
                                    const edgec_result *result, ptrdiff_t channel)
{
  const ptrdiff_t place = channel * factors->step;
  const int32_t rescaled = edgec_rescale_wide(sum, factors->multiplier[place], factors->shift[place]);
  return edgec_code(rescaled, result->zero_point, result->low, result->high);
}

/* y[p * pixel + c] = code of sum[p][c]; `channel` is the first one. */
#define EDGEC_QUANTIZED_STORE(s, suffix, type)                                                                        \
  EDGEC_INLINE void edgec_store_3x2_##s##_##suffix(const edgec_sums_3x2_##s *sum, const edgec_factors *factors,       \
                                                   const edgec_result *result, ptrdiff_t channel, type *y,            \
                                                   ptrdiff_t pixel)                                                   \
  {                                                                                                                   \
    y[0] = (type)edgec_code_##s(sum->a0, factors, result, channel);                                                   \
    y[1] = (type)edgec_code_##s(sum->a1, factors, result, channel + 1);                                               \
    y[pixel] = (type)edgec_code_##s(sum->b0, factors, result, channel);                                               \
    y[pixel + 1] = (type)edgec_code_##s(sum->b1, factors, result, channel + 1);                                       \
    y[2 * pixel] = (type)edgec_code_##s(sum->c0, factors, result, channel);                                           \
    y[2 * pixel + 1] = (type)edgec_code_##s(sum->c1, factors, result, channel + 1);                                   \
  }                                                                                                                   \
                                                                                                                      \
  EDGEC_INLINE void edgec_store_1x4_##s##_##suffix(const edgec_sums_1x4_##s *sum, const edgec_factors *factors,       \
                                                   const edgec_result *result, ptrdiff_t channel, type *y,            \
                                                   ptrdiff_t pixel)                                                   \
  {                                                                                                                   \
    (void)pixel;                                                                                                      \
    y[0] = (type)edgec_code_##s(sum->a, factors, result, channel);                                                    \
    y[1] = (type)edgec_code_##s(sum->b, factors, result, channel + 1);                                                \
    y[2] = (type)edgec_code_##s(sum->c, factors, result, channel + 2);                                                \
    y[3] = (type)edgec_code_##s(sum->d, factors, result, channel + 3);                                                \
  }                                                                                                                   \
                                                                                                                      \
  EDGEC_INLINE void edgec_store_1x1_##s##_##suffix(const edgec_sums_1x1_##s *sum, const edgec_factors *factors,       \
                                                   const edgec_result *result, ptrdiff_t channel, type *y,            \
                                                   ptrdiff_t pixel)                                                   \
  {                                                                                                                   \
    (void)pixel;                                                                                                      \
    y[0] = (type)edgec_code_##s(sum->a, factors, result, channel);                                                    \
  }

EDGEC_FOR_CODES(EDGEC_QUANTIZED_STORE)

#endif
