/* exp(x). Accuracy: see docs/maths.md. */
#ifndef EDGEC_EXP_H
#define EDGEC_EXP_H

#include "edgec/exp_scaled.h"
#include "edgec/unary.h"

EDGEC_INLINE float edgec_exp_scalar_f32(float x)
{
  if (x != x) {
    return x;
  }
  if (x > 88.72284f) {
    return EDGEC_INFINITY;
  }
  if (x < -104.0f) {
    return 0.0f;
  }
  return edgec_exp_scaled_f32(x, 0.0f, 0);
}

EDGEC_INLINE double edgec_exp_scalar_f64(double x)
{
  if (x != x) {
    return x;
  }
  if (x > 709.782712893384) {
    return (double)EDGEC_INFINITY;
  }
  if (x < -745.2) {
    return 0.0;
  }
  return edgec_exp_scaled_f64(x, 0.0, 0);
}

EDGEC_UNARY_KERNEL(exp, f32, float, float)
EDGEC_UNARY_KERNEL(exp, f64, double, double)

#endif
