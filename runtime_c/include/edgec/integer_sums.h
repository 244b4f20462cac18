/* What products of bytes that stand for other numbers have in common: sums of (a - a_zero) * (b - b_zero). */
#ifndef EDGEC_INTEGER_SUMS_H
#define EDGEC_INTEGER_SUMS_H

#include "edgec/quantize.h"

/* Add products of a[i] to sums of up to four columns: sum[c] += sum over i of (a[i] - a_zero) * (b[i * b_step + c *
   b_next] - b_zero[c]). In unsigned arithmetic, so that what does not fit wraps around. */
#define EDGEC_INTEGER_ACCUMULATE(a_suffix, a_type, b_suffix, b_type)                                                  \
  EDGEC_INLINE void edgec_accumulate_columns_##a_suffix##_##b_suffix(                                                 \
      uint32_t *sum, int32_t columns, const a_type *a, int32_t a_zero, const b_type *b, ptrdiff_t b_step,             \
      ptrdiff_t b_next, const int32_t *b_zero, int32_t count)                                                         \
  {                                                                                                                   \
    for (int32_t i = 0; i < count; ++i) {                                                                             \
      const int32_t value = a[i] - a_zero;                                                                            \
      for (int32_t c = 0; c < columns; ++c) {                                                                         \
        sum[c] += (uint32_t)(value * (b[i * b_step + c * b_next] - b_zero[c]));                                       \
      }                                                                                                               \
    }                                                                                                                 \
  }                                                                                                                   \
                                                                                                                      \
  EDGEC_INLINE void edgec_accumulate_##a_suffix##_##b_suffix(uint32_t *sum, int32_t columns, const a_type *a,         \
                                                             int32_t a_zero, const b_type *b, ptrdiff_t b_step,       \
                                                             ptrdiff_t b_next, const int32_t *b_zero, int32_t count)  \
  {                                                                                                                   \
    /* With a constant number of columns the sums stay in registers. */                                               \
    if (columns == 4) {                                                                                               \
      edgec_accumulate_columns_##a_suffix##_##b_suffix(sum, 4, a, a_zero, b, b_step, b_next, b_zero, count);          \
    } else {                                                                                                          \
      edgec_accumulate_columns_##a_suffix##_##b_suffix(sum, columns, a, a_zero, b, b_step, b_next, b_zero, count);    \
    }                                                                                                                 \
  }

EDGEC_INTEGER_ACCUMULATE(i8, int8_t, i8, int8_t)
EDGEC_INTEGER_ACCUMULATE(i8, int8_t, u8, uint8_t)
EDGEC_INTEGER_ACCUMULATE(u8, uint8_t, i8, int8_t)
EDGEC_INTEGER_ACCUMULATE(u8, uint8_t, u8, uint8_t)

/* A sum as a result: as it is, or rescaled to a byte. */
EDGEC_INLINE int32_t edgec_result_i32(uint32_t sum, float scale, int32_t zero_point)
{
  (void)scale;
  (void)zero_point;
  return (int32_t)sum;
}

EDGEC_INLINE int8_t edgec_result_i8(uint32_t sum, float scale, int32_t zero_point)
{
  return (int8_t)edgec_rounded((float)(int32_t)sum * scale, zero_point, INT8_MIN, INT8_MAX);
}

EDGEC_INLINE uint8_t edgec_result_u8(uint32_t sum, float scale, int32_t zero_point)
{
  return (uint8_t)edgec_rounded((float)(int32_t)sum * scale, zero_point, 0, UINT8_MAX);
}

/* X(a's suffix, a's type, b's suffix, b's type, result's suffix, result's type) */
#define EDGEC_FOR_INTEGER_RESULTS(X, a_suffix, a_type, b_suffix, b_type) \
  X(a_suffix, a_type, b_suffix, b_type, i32, int32_t)                    \
  X(a_suffix, a_type, b_suffix, b_type, i8, int8_t)                      \
  X(a_suffix, a_type, b_suffix, b_type, u8, uint8_t)

#define EDGEC_FOR_INTEGER_PRODUCTS(X)                        \
  EDGEC_FOR_INTEGER_RESULTS(X, i8, int8_t, i8, int8_t)       \
  EDGEC_FOR_INTEGER_RESULTS(X, i8, int8_t, u8, uint8_t)      \
  EDGEC_FOR_INTEGER_RESULTS(X, u8, uint8_t, i8, int8_t)      \
  EDGEC_FOR_INTEGER_RESULTS(X, u8, uint8_t, u8, uint8_t)

#endif
