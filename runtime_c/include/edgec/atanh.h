/* Inverse hyperbolic tangent. Accuracy: see docs/maths.md. */
#ifndef EDGEC_ATANH_H
#define EDGEC_ATANH_H

#include "edgec/log1p.h"
#include "edgec/unary.h"

/* log((1 + |x|) / (1 - |x|)) / 2 = log1p(2|x| / (1 - |x|)) / 2; near zero with 2|x|, which is exact, in front. */
EDGEC_FUNCTION float edgec_atanh_scalar_f32(float x)
{
  const float size = edgec_magnitude_f32(x);
  if (!(size < 1.0f)) {
    return size == 1.0f ? edgec_with_sign_f32(EDGEC_INFINITY, x) : EDGEC_NAN;
  }
  const float twice = 2.0f * size;
  const float above = size < 0.5f ? twice + twice * size / (1.0f - size) : twice / (1.0f - size);
  return edgec_with_sign_f32(0.5f * edgec_log1p_scalar_f32(above), x);
}

EDGEC_FUNCTION double edgec_atanh_scalar_f64(double x)
{
  const double size = edgec_magnitude_f64(x);
  if (!(size < 1.0)) {
    return size == 1.0 ? edgec_with_sign_f64((double)EDGEC_INFINITY, x) : (double)EDGEC_NAN;
  }
  const double twice = 2.0 * size;
  const double above = size < 0.5 ? twice + twice * size / (1.0 - size) : twice / (1.0 - size);
  return edgec_with_sign_f64(0.5 * edgec_log1p_scalar_f64(above), x);
}

EDGEC_UNARY_KERNEL(atanh, f32, float, float)
EDGEC_UNARY_KERNEL(atanh, f64, double, double)

#endif
