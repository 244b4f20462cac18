/* Hyperbolic cosine. Accuracy: see docs/maths.md. */
#ifndef EDGEC_COSH_H
#define EDGEC_COSH_H

#include "edgec/exp_scaled.h"
#include "edgec/unary.h"

/* (exp|x| + exp(-|x|)) / 2 from exp|x| / 2, which does not overflow before the result does. */
EDGEC_FUNCTION float edgec_cosh_scalar_f32(float x)
{
  const float size = edgec_magnitude_f32(x);
  if (!(size < 90.0f)) {
    return x != x ? x : EDGEC_INFINITY;
  }
  const float half = edgec_exp_scaled_f32(size, 0.0f, -1);
  return half + 0.25f / half;
}

EDGEC_FUNCTION double edgec_cosh_scalar_f64(double x)
{
  const double size = edgec_magnitude_f64(x);
  if (!(size < 711.0)) {
    return x != x ? x : (double)EDGEC_INFINITY;
  }
  const double half = edgec_exp_scaled_f64(size, 0.0, -1);
  return half + 0.25 / half;
}

EDGEC_UNARY_KERNEL(cosh, f32, float, float)
EDGEC_UNARY_KERNEL(cosh, f64, double, double)

#endif
