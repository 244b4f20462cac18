/* Inverse tangent. Accuracy: see docs/maths.md. */
#ifndef EDGEC_ATAN_H
#define EDGEC_ATAN_H

#include "edgec/double_word.h"
#include "edgec/unary.h"

/* (atan(t) - t) / t of u = t^2, |t| <= tan(pi / 8): minimax polynomials, the error of atan below 2^-30 and 2^-64. */
EDGEC_INLINE float edgec_atan_polynomial_f32(float u)
{
  return u * (-0.333333164f + u * (0.199984893f + u * (-0.142438397f + u * (0.105959304f + u * -0.0608326159f))));
}

EDGEC_INLINE double edgec_atan_polynomial_f64(double u)
{
  const double p9 = 0.045040906557735974 + u * (-0.03348706897410525 + u * 0.015207974889882897);
  const double p6 = -0.06666228863046587 + u * (0.05877042437900965 + u * (-0.052185373730734154 + u * p9));
  const double p3 = 0.1111111108835181 + u * (-0.09090908150818613 + u * (0.07692282901090564 + u * p6));
  return u * (-0.33333333333333326 + u * (0.19999999999997692 + u * (-0.14285714285390794 + u * p3)));
}

/* Up to tan(3 pi / 8) atan(x) = pi / 4 + atan((x - 1) / (x + 1)), beyond it pi / 2 + atan(-1 / x): the quotient is a
   double word, the lower part of which counts by the derivative 1 / (1 + t^2). */
EDGEC_FUNCTION float edgec_atan_scalar_f32(float x)
{
  const float size = edgec_magnitude_f32(x);
  if (!(size > 0.414213562f)) {
    return edgec_with_sign_f32(size + size * edgec_atan_polynomial_f32(x * x), x);
  }
  if (size > 1e8f) {
    return edgec_with_sign_f32(1.57079637f, x);
  }
  const int32_t far = size > 2.41421356f;
  const edgec_double_word_f32 top = far ? edgec_fast_sum_f32(-1.0f, 0.0f) : edgec_sum_f32(size, -1.0f);
  const edgec_double_word_f32 bottom = far ? edgec_fast_sum_f32(size, 0.0f) : edgec_sum_f32(size, 1.0f);
  const edgec_double_word_f32 t = edgec_quotient_f32(top, bottom);
  const float u = t.high * t.high;
  const edgec_double_word_f32 sum = edgec_fast_sum_f32(far ? 1.57079637f : 0.785398185f, t.high);
  const float low = t.high * edgec_atan_polynomial_f32(u) + t.low / (1.0f + u);
  return edgec_with_sign_f32(sum.high + (sum.low + (low + (far ? -4.37113883e-08f : -2.18556941e-08f))), x);
}

EDGEC_FUNCTION double edgec_atan_scalar_f64(double x)
{
  const double size = edgec_magnitude_f64(x);
  if (!(size > 0.41421356237309503)) {
    return edgec_with_sign_f64(size + size * edgec_atan_polynomial_f64(x * x), x);
  }
  if (size > 1e17) {
    return edgec_with_sign_f64(1.5707963267948966, x);
  }
  const int32_t far = size > 2.414213562373095;
  const edgec_double_word_f64 top = far ? edgec_fast_sum_f64(-1.0, 0.0) : edgec_sum_f64(size, -1.0);
  const edgec_double_word_f64 bottom = far ? edgec_fast_sum_f64(size, 0.0) : edgec_sum_f64(size, 1.0);
  const edgec_double_word_f64 t = edgec_quotient_f64(top, bottom);
  const double u = t.high * t.high;
  const edgec_double_word_f64 sum = edgec_fast_sum_f64(far ? 1.5707963267948966 : 0.7853981633974483, t.high);
  const double low = t.high * edgec_atan_polynomial_f64(u) + t.low / (1.0 + u);
  return edgec_with_sign_f64(sum.high + (sum.low + (low + (far ? 6.123233995736766e-17 : 3.061616997868383e-17))), x);
}

EDGEC_UNARY_KERNEL(atan, f32, float, float)
EDGEC_UNARY_KERNEL(atan, f64, double, double)

#endif
