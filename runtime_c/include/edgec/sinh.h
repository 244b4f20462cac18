/* Hyperbolic sine. Accuracy: see docs/maths.md. */
#ifndef EDGEC_SINH_H
#define EDGEC_SINH_H

#include "edgec/exp_scaled.h"
#include "edgec/unary.h"

/* x + x^3 p(x^2) up to 1, p a minimax polynomial (error below 2^-34 and 2^-63), then (exp|x| - exp(-|x|)) / 2 from
   exp|x| / 2, which does not overflow before the result does. */
EDGEC_FUNCTION float edgec_sinh_scalar_f32(float x)
{
  const float size = edgec_magnitude_f32(x);
  if (size < 1.0f) {
    const float u = x * x;
    return x + x * (u * (0.166666672f + u * (0.0083333496f + u * (0.000198361595f + u * 2.81694906e-06f))));
  }
  if (!(size < 90.0f)) {
    return x != x ? x : edgec_with_sign_f32(EDGEC_INFINITY, x);
  }
  const float half = edgec_exp_scaled_f32(size, 0.0f, -1);
  return edgec_with_sign_f32(half - 0.25f / half, x);
}

EDGEC_FUNCTION double edgec_sinh_scalar_f64(double x)
{
  const double size = edgec_magnitude_f64(x);
  if (size < 1.0) {
    const double u = x * x;
    const double p4 = 2.5052123136269566e-08 + u * (1.6057259804157672e-10 + u * 7.758747727621411e-13);
    const double p1 = 0.008333333333333148 + u * (0.00019841269841431864 + u * (2.75573191570747e-06 + u * p4));
    return x + x * (u * (0.16666666666666669 + u * p1));
  }
  if (!(size < 711.0)) {
    return x != x ? x : edgec_with_sign_f64((double)EDGEC_INFINITY, x);
  }
  const double half = edgec_exp_scaled_f64(size, 0.0, -1);
  return edgec_with_sign_f64(half - 0.25 / half, x);
}

EDGEC_UNARY_KERNEL(sinh, f32, float, float)
EDGEC_UNARY_KERNEL(sinh, f64, double, double)

#endif
