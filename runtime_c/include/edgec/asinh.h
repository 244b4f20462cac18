/* Inverse hyperbolic sine. Accuracy: see docs/maths.md. */
#ifndef EDGEC_ASINH_H
#define EDGEC_ASINH_H

#include "edgec/log1p.h"
#include "edgec/sqrt.h"
#include "edgec/unary.h"

/* log(|x| + sqrt(x^2 + 1)) = log1p(|x| + x^2 / (1 + sqrt(1 + x^2))); from some size on log(2|x|). */
EDGEC_FUNCTION float edgec_asinh_scalar_f32(float x)
{
  const float size = edgec_magnitude_f32(x);
  if (!(size < 4096.0f)) {
    return x != x ? x : edgec_with_sign_f32(edgec_log_scalar_f32(size) + 0.693147182f, x);
  }
  const float square = size * size;
  const float above = size + square / (1.0f + edgec_sqrt_scalar_f32(1.0f + square));
  return edgec_with_sign_f32(edgec_log1p_scalar_f32(above), x);
}

EDGEC_FUNCTION double edgec_asinh_scalar_f64(double x)
{
  const double size = edgec_magnitude_f64(x);
  if (!(size < 268435456.0)) {
    return x != x ? x : edgec_with_sign_f64(edgec_log_scalar_f64(size) + 0.6931471805599453, x);
  }
  const double square = size * size;
  const double above = size + square / (1.0 + edgec_sqrt_scalar_f64(1.0 + square));
  return edgec_with_sign_f64(edgec_log1p_scalar_f64(above), x);
}

EDGEC_UNARY_KERNEL(asinh, f32, float, float)
EDGEC_UNARY_KERNEL(asinh, f64, double, double)

#endif
