/* Inverse cosine. Accuracy: see docs/maths.md. */
#ifndef EDGEC_ACOS_H
#define EDGEC_ACOS_H

#include "edgec/asin_parts.h"
#include "edgec/unary.h"

/* Up to 1/2 pi / 2 - asin(x), then 2 asin(sqrt((1 - x) / 2)), of which pi lacks the one of a negative x. */
EDGEC_FUNCTION float edgec_acos_scalar_f32(float x)
{
  const float size = edgec_magnitude_f32(x);
  if (!(size <= 1.0f)) {
    return EDGEC_NAN;
  }
  if (size < 0.5f) {
    const edgec_double_word_f32 sum = edgec_fast_sum_f32(1.57079637f, -x);
    return sum.high + (sum.low + (-4.37113883e-08f - x * edgec_asin_polynomial_f32(x * x)));
  }
  const edgec_double_word_f32 half = edgec_asin_half_f32(size);
  if (x > 0.0f) {
    return 2.0f * (half.high + half.low);
  }
  const edgec_double_word_f32 sum = edgec_fast_sum_f32(3.14159274f, -2.0f * half.high);
  return sum.high + (sum.low + (-8.74227766e-08f - 2.0f * half.low));
}

EDGEC_FUNCTION double edgec_acos_scalar_f64(double x)
{
  const double size = edgec_magnitude_f64(x);
  if (!(size <= 1.0)) {
    return (double)EDGEC_NAN;
  }
  if (size < 0.5) {
    const edgec_double_word_f64 sum = edgec_fast_sum_f64(1.5707963267948966, -x);
    return sum.high + (sum.low + (6.123233995736766e-17 - x * edgec_asin_polynomial_f64(x * x)));
  }
  const edgec_double_word_f64 half = edgec_asin_half_f64(size);
  if (x > 0.0) {
    return 2.0 * (half.high + half.low);
  }
  const edgec_double_word_f64 sum = edgec_fast_sum_f64(3.141592653589793, -2.0 * half.high);
  return sum.high + (sum.low + (1.2246467991473532e-16 - 2.0 * half.low));
}

EDGEC_UNARY_KERNEL(acos, f32, float, float)
EDGEC_UNARY_KERNEL(acos, f64, double, double)

#endif
