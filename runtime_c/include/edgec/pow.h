/* x to the power of y. Accuracy: see docs/maths.md. */
#ifndef EDGEC_POW_H
#define EDGEC_POW_H

#include "edgec/binary.h"
#include "edgec/double_word.h"
#include "edgec/exp_scaled.h"
#include "edgec/log_parts.h"

/* log x to twice the precision but for some bits, as the power of a large y needs it. x = 2^n (1 + f), 1 + f between
   sqrt(1/2) and sqrt(2); s = f / (2 + f), u = s^2 and log(1 + f) = s (2 + 2/3 u + u^2 q(u)) are double words, q is a
   minimax polynomial (error of the whole below 2^-36 and 2^-66). */
EDGEC_INLINE edgec_double_word_f32 edgec_log_double_word_f32(float x)
{
  const edgec_log_split_f32 split = edgec_split_f32(x);
  const int32_t below = split.m < 0.707106781f;
  const float whole = (float)(below ? split.n - 1 : split.n);
  const float f = (below ? 2.0f * split.m : split.m) - 1.0f;
  const edgec_double_word_f32 bottom = edgec_fast_sum_f32(2.0f, f);
  const edgec_double_word_f32 top = {f, 0.0f};
  const edgec_double_word_f32 s = edgec_quotient_f32(top, bottom);
  edgec_double_word_f32 square = edgec_product_f32(s.high, s.high);
  square.low += 2.0f * s.high * s.low;
  const float u = square.high;
  const float q = 0.400001526f + u * (0.28547132f + u * 0.234186038f);
  const edgec_double_word_f32 third = edgec_product_f32(u, 0.666666687f);
  const edgec_double_word_f32 series = edgec_fast_sum_f32(third.high, u * u * q);
  edgec_double_word_f32 factor = edgec_fast_sum_f32(2.0f, series.high);
  factor.low += series.low + (third.low + (square.low * 0.666666687f + u * -1.98682155e-08f));
  edgec_double_word_f32 log_m = edgec_product_f32(s.high, factor.high);
  log_m.low += s.high * factor.low + s.low * factor.high;
  edgec_double_word_f32 log_x = edgec_sum_f32(whole * 0.693145752f, log_m.high);
  log_x.low += log_m.low + whole * 1.42860677e-06f;
  return edgec_fast_sum_f32(log_x.high, log_x.low);
}

EDGEC_INLINE edgec_double_word_f64 edgec_log_double_word_f64(double x)
{
  const edgec_log_split_f64 split = edgec_split_f64(x);
  const int32_t below = split.m < 0.7071067811865476;
  const double whole = (double)(below ? split.n - 1 : split.n);
  const double f = (below ? 2.0 * split.m : split.m) - 1.0;
  const edgec_double_word_f64 bottom = edgec_fast_sum_f64(2.0, f);
  const edgec_double_word_f64 top = {f, 0.0};
  const edgec_double_word_f64 s = edgec_quotient_f64(top, bottom);
  edgec_double_word_f64 square = edgec_product_f64(s.high, s.high);
  square.low += 2.0 * s.high * s.low;
  const double u = square.high;
  const double q4 = 0.15386757591811306 + u * (0.13256812239867674 + u * 0.13196375349847694);
  const double q1 = 0.2857142857009908 + u * (0.22222222520002666 + u * (0.181817843608542 + u * q4));
  const double q = 0.40000000000002256 + u * q1;
  const edgec_double_word_f64 third = edgec_product_f64(u, 0.6666666666666666);
  const edgec_double_word_f64 series = edgec_fast_sum_f64(third.high, u * u * q);
  edgec_double_word_f64 factor = edgec_fast_sum_f64(2.0, series.high);
  factor.low += series.low + (third.low + (square.low * 0.6666666666666666 + u * 3.700743415417188e-17));
  edgec_double_word_f64 log_m = edgec_product_f64(s.high, factor.high);
  log_m.low += s.high * factor.low + s.low * factor.high;
  edgec_double_word_f64 log_x = edgec_sum_f64(whole * 0.6931471805598903, log_m.high);
  log_x.low += log_m.low + whole * 5.497923018708371e-14;
  return edgec_fast_sum_f64(log_x.high, log_x.low);
}

/* Whether y is no integer (0), an odd (1) or an even one (2). Not for 0 and NaN. */
EDGEC_INLINE int32_t edgec_parity_f32(float y)
{
  const uint32_t bits = edgec_bits_f32(y);
  const int32_t exponent = (int32_t)((bits >> 23) & 0xFF) - 127;
  if (exponent < 0) {
    return 0;
  }
  if (exponent > 23) {
    return 2;
  }
  const uint32_t unit = (uint32_t)1 << (23 - exponent);
  const uint32_t whole = (bits & 0x007FFFFFu) | ((uint32_t)1 << 23);
  return (whole & (unit - 1)) != 0 ? 0 : ((whole & unit) != 0 ? 1 : 2);
}

/* Whether y is no integer (0), an odd (1) or an even one (2). Not for 0 and NaN. */
EDGEC_INLINE int32_t edgec_parity_f64(double y)
{
  const uint64_t bits = edgec_bits_f64(y);
  const int32_t exponent = (int32_t)((bits >> 52) & 0x7FF) - 1023;
  if (exponent < 0) {
    return 0;
  }
  if (exponent > 52) {
    return 2;
  }
  const uint64_t unit = (uint64_t)1 << (52 - exponent);
  const uint64_t whole = (bits & 0x000FFFFFFFFFFFFFu) | ((uint64_t)1 << 52);
  return (whole & (unit - 1)) != 0 ? 0 : ((whole & unit) != 0 ? 1 : 2);
}

/* exp(y log x) as C99's Annex F has it: what is 1 whatever the other is, what is no number, and which sign. */
EDGEC_FUNCTION float edgec_pow_scalar_f32(float x, float y)
{
  if (x == 1.0f || y == 0.0f) {
    return 1.0f;
  }
  if (x != x || y != y) {
    return EDGEC_NAN;
  }
  const float size = edgec_magnitude_f32(x);
  const int32_t parity = edgec_parity_f32(y);
  const int32_t negative = parity == 1 && edgec_bits_f32(x) >> 31 != 0;
  if (size == 1.0f && edgec_magnitude_f32(y) == EDGEC_INFINITY) {
    return 1.0f;
  }
  if (x < 0.0f && size < EDGEC_INFINITY && parity == 0) {
    return EDGEC_NAN;
  }
  float result;
  if (size == 0.0f || size == EDGEC_INFINITY || edgec_magnitude_f32(y) == EDGEC_INFINITY) {
    result = (size > 1.0f) == (y > 0.0f) ? EDGEC_INFINITY : 0.0f;
  } else {
    const edgec_double_word_f32 log_x = edgec_log_double_word_f32(size);
    const float estimate = y * log_x.high;
    if (estimate > 100.0f) {
      result = EDGEC_INFINITY;
    } else if (estimate < -120.0f) {
      result = 0.0f;
    } else {
      const edgec_double_word_f32 exponent = edgec_product_f32(y, log_x.high);
      result = edgec_exp_scaled_f32(exponent.high, exponent.low + y * log_x.low, 0);
    }
  }
  return negative ? -result : result;
}

EDGEC_FUNCTION double edgec_pow_scalar_f64(double x, double y)
{
  if (x == 1.0 || y == 0.0) {
    return 1.0;
  }
  if (x != x || y != y) {
    return (double)EDGEC_NAN;
  }
  const double size = edgec_magnitude_f64(x);
  const int32_t parity = edgec_parity_f64(y);
  const int32_t negative = parity == 1 && edgec_bits_f64(x) >> 63 != 0;
  if (size == 1.0 && edgec_magnitude_f64(y) == (double)EDGEC_INFINITY) {
    return 1.0;
  }
  if (x < 0.0 && size < (double)EDGEC_INFINITY && parity == 0) {
    return (double)EDGEC_NAN;
  }
  double result;
  if (size == 0.0 || size == (double)EDGEC_INFINITY || edgec_magnitude_f64(y) == (double)EDGEC_INFINITY) {
    result = (size > 1.0) == (y > 0.0) ? (double)EDGEC_INFINITY : 0.0;
  } else {
    const edgec_double_word_f64 log_x = edgec_log_double_word_f64(size);
    const double estimate = y * log_x.high;
    if (estimate > 720.0) {
      result = (double)EDGEC_INFINITY;
    } else if (estimate < -760.0) {
      result = 0.0;
    } else {
      const edgec_double_word_f64 exponent = edgec_product_f64(y, log_x.high);
      result = edgec_exp_scaled_f64(exponent.high, exponent.low + y * log_x.low, 0);
    }
  }
  return negative ? -result : result;
}

/* Integers, by squaring, wrapping around. A negative exponent truncates to 0, but for bases of 1 and -1. */
#define EDGEC_POW_BY_SQUARING(suffix, type, wide)                  \
  EDGEC_INLINE type edgec_power_##suffix(type base, wide exponent) \
  {                                                                \
    wide result = 1;                                               \
    wide square = (wide)base;                                      \
    for (; exponent != 0; exponent >>= 1) {                        \
      result *= (exponent & 1) ? square : 1;                       \
      square *= square;                                            \
    }                                                              \
    return (type)result;                                           \
  }

#define EDGEC_POW_SIGNED(suffix, type, wide)                                     \
  EDGEC_POW_BY_SQUARING(suffix, type, wide)                                      \
  EDGEC_INLINE type edgec_pow_scalar_##suffix(type a, type b)                    \
  {                                                                              \
    if (b < 0 && a != 1 && a != -1) {                                            \
      return 0;                                                                  \
    }                                                                            \
    return edgec_power_##suffix(a, b < 0 ? (wide)b & 1 : (wide)b);               \
  }                                                                              \
  EDGEC_BINARY_KERNEL(pow, suffix, type, type)

#define EDGEC_POW_UNSIGNED(suffix, type, wide)                                   \
  EDGEC_POW_BY_SQUARING(suffix, type, wide)                                      \
  EDGEC_INLINE type edgec_pow_scalar_##suffix(type a, type b)                    \
  {                                                                              \
    return edgec_power_##suffix(a, b);                                           \
  }                                                                              \
  EDGEC_BINARY_KERNEL(pow, suffix, type, type)

EDGEC_BINARY_KERNEL(pow, f32, float, float)
EDGEC_BINARY_KERNEL(pow, f64, double, double)
EDGEC_FOR_SIGNED(EDGEC_POW_SIGNED)
EDGEC_FOR_UNSIGNED(EDGEC_POW_UNSIGNED)

#endif
