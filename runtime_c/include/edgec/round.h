/* The nearest integer, exactly; half way the even one. The sign is that of x. Accuracy: see docs/maths.md. */
#ifndef EDGEC_ROUND_H
#define EDGEC_ROUND_H

#include "edgec/float_bits.h"
#include "edgec/unary.h"

/* From 2^23 on every number is an integer: the sum with 2^23 is rounded to one. */
EDGEC_INLINE float edgec_round_scalar_f32(float x)
{
  const float size = edgec_magnitude_f32(x);
  if (!(size < 8388608.0f)) {
    return x;
  }
  const float shifted = size + 8388608.0f;
  return edgec_with_sign_f32(shifted - 8388608.0f, x);
}

EDGEC_INLINE double edgec_round_scalar_f64(double x)
{
  const double size = edgec_magnitude_f64(x);
  if (!(size < 4503599627370496.0)) {
    return x;
  }
  const double shifted = size + 4503599627370496.0;
  return edgec_with_sign_f64(shifted - 4503599627370496.0, x);
}

EDGEC_UNARY_KERNEL(round, f32, float, float)
EDGEC_UNARY_KERNEL(round, f64, double, double)

#endif
