/* Double words: an unevaluated sum of two numbers, high + low, for where one number's precision is not enough.
   After Dekker, A floating-point technique for extending the available precision (1971). None of this survives
   contraction or reassociation: it is compiled without them. */
#ifndef EDGEC_DOUBLE_WORD_H
#define EDGEC_DOUBLE_WORD_H

#include "edgec/float_bits.h"

typedef struct {
  float high, low;
} edgec_double_word_f32;

typedef struct {
  double high, low;
} edgec_double_word_f64;

/* x without the lower half of its mantissa: products of two such are exact, and so is x minus it. */
EDGEC_INLINE float edgec_upper_f32(float x)
{
  return edgec_from_bits_f32(edgec_bits_f32(x) & 0xFFFFF000u);
}

EDGEC_INLINE double edgec_upper_f64(double x)
{
  return edgec_from_bits_f64(edgec_bits_f64(x) & 0xFFFFFFFFF8000000u);
}

/* edgec_fast_sum: a + b exactly, if |a| >= |b| or a is 0.
   edgec_sum: a + b exactly.
   edgec_product: a * b exactly, up to 2^-100 of it in float64 (the lower parts have 27 bits), if nothing underflows or
   overflows.
   edgec_quotient: a / b to nearly twice the precision. */
#define EDGEC_DOUBLE_WORD(type, suffix)                                                                               \
  EDGEC_INLINE edgec_double_word_##suffix edgec_fast_sum_##suffix(type a, type b)                                     \
  {                                                                                                                   \
    edgec_double_word_##suffix sum;                                                                                   \
    sum.high = a + b;                                                                                                 \
    sum.low = b - (sum.high - a);                                                                                     \
    return sum;                                                                                                       \
  }                                                                                                                   \
                                                                                                                      \
  EDGEC_INLINE edgec_double_word_##suffix edgec_sum_##suffix(type a, type b)                                          \
  {                                                                                                                   \
    edgec_double_word_##suffix sum;                                                                                   \
    sum.high = a + b;                                                                                                 \
    const type from_b = sum.high - a;                                                                                 \
    sum.low = (a - (sum.high - from_b)) + (b - from_b);                                                               \
    return sum;                                                                                                       \
  }                                                                                                                   \
                                                                                                                      \
  EDGEC_INLINE edgec_double_word_##suffix edgec_product_##suffix(type a, type b)                                      \
  {                                                                                                                   \
    const type a1 = edgec_upper_##suffix(a);                                                                          \
    const type a0 = a - a1;                                                                                           \
    const type b1 = edgec_upper_##suffix(b);                                                                          \
    const type b0 = b - b1;                                                                                           \
    edgec_double_word_##suffix product;                                                                               \
    product.high = a * b;                                                                                             \
    product.low = (((a1 * b1 - product.high) + a1 * b0) + a0 * b1) + a0 * b0;                                         \
    return product;                                                                                                   \
  }                                                                                                                   \
                                                                                                                      \
  EDGEC_INLINE edgec_double_word_##suffix edgec_quotient_##suffix(edgec_double_word_##suffix a,                       \
                                                                  edgec_double_word_##suffix b)                       \
  {                                                                                                                   \
    edgec_double_word_##suffix quotient;                                                                              \
    quotient.high = a.high / b.high;                                                                                  \
    const edgec_double_word_##suffix back = edgec_product_##suffix(quotient.high, b.high);                            \
    quotient.low = (((a.high - back.high) - back.low) + (a.low - quotient.high * b.low)) / b.high;                    \
    return quotient;                                                                                                  \
  }

EDGEC_DOUBLE_WORD(float, f32)
EDGEC_DOUBLE_WORD(double, f64)

#endif
