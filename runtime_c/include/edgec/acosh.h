/* Inverse hyperbolic cosine. Accuracy: see docs/maths.md. */
#ifndef EDGEC_ACOSH_H
#define EDGEC_ACOSH_H

#include "edgec/log1p.h"
#include "edgec/sqrt.h"
#include "edgec/unary.h"

/* log(x + sqrt(x^2 - 1)) = log1p(t + sqrt(2 t + t^2)), t = x - 1; from some size on log(2 x). */
EDGEC_FUNCTION float edgec_acosh_scalar_f32(float x)
{
  if (!(x >= 1.0f)) {
    return EDGEC_NAN;
  }
  if (x > 4096.0f) {
    return edgec_log_scalar_f32(x) + 0.693147182f;
  }
  const float above = x - 1.0f;
  return edgec_log1p_scalar_f32(above + edgec_sqrt_scalar_f32(2.0f * above + above * above));
}

EDGEC_FUNCTION double edgec_acosh_scalar_f64(double x)
{
  if (!(x >= 1.0)) {
    return (double)EDGEC_NAN;
  }
  if (x > 268435456.0) {
    return edgec_log_scalar_f64(x) + 0.6931471805599453;
  }
  const double above = x - 1.0;
  return edgec_log1p_scalar_f64(above + edgec_sqrt_scalar_f64(2.0 * above + above * above));
}

EDGEC_UNARY_KERNEL(acosh, f32, float, float)
EDGEC_UNARY_KERNEL(acosh, f64, double, double)

#endif
