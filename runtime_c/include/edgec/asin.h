/* Inverse sine. Accuracy: see docs/maths.md. */
#ifndef EDGEC_ASIN_H
#define EDGEC_ASIN_H

#include "edgec/asin_parts.h"
#include "edgec/unary.h"

/* Up to 1/2 by the polynomial, then pi / 2 - 2 asin(sqrt((1 - |x|) / 2)). */
EDGEC_FUNCTION float edgec_asin_scalar_f32(float x)
{
  const float size = edgec_magnitude_f32(x);
  if (!(size <= 1.0f)) {
    return EDGEC_NAN;
  }
  if (size < 0.5f) {
    return x + x * edgec_asin_polynomial_f32(x * x);
  }
  const edgec_double_word_f32 half = edgec_asin_half_f32(size);
  const edgec_double_word_f32 sum = edgec_fast_sum_f32(1.57079637f, -2.0f * half.high);
  return edgec_with_sign_f32(sum.high + (sum.low + (-4.37113883e-08f - 2.0f * half.low)), x);
}

EDGEC_FUNCTION double edgec_asin_scalar_f64(double x)
{
  const double size = edgec_magnitude_f64(x);
  if (!(size <= 1.0)) {
    return (double)EDGEC_NAN;
  }
  if (size < 0.5) {
    return x + x * edgec_asin_polynomial_f64(x * x);
  }
  const edgec_double_word_f64 half = edgec_asin_half_f64(size);
  const edgec_double_word_f64 sum = edgec_fast_sum_f64(1.5707963267948966, -2.0 * half.high);
  return edgec_with_sign_f64(sum.high + (sum.low + (6.123233995736766e-17 - 2.0 * half.low)), x);
}

EDGEC_UNARY_KERNEL(asin, f32, float, float)
EDGEC_UNARY_KERNEL(asin, f64, double, double)

#endif
