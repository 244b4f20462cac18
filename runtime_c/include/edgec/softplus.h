/* log(1 + exp(x)). Accuracy: see docs/maths.md. */
#ifndef EDGEC_SOFTPLUS_H
#define EDGEC_SOFTPLUS_H

#include "edgec/exp.h"
#include "edgec/log1p.h"
#include "edgec/unary.h"

/* max(x, 0) + log(1 + exp(-|x|)): nothing overflows, and nothing is lost where exp(x) is small. */
EDGEC_INLINE float edgec_softplus_scalar_f32(float x)
{
  const float above = edgec_log1p_scalar_f32(edgec_exp_scalar_f32(x > 0.0f ? -x : x));
  return x > 0.0f ? x + above : above;
}

EDGEC_INLINE double edgec_softplus_scalar_f64(double x)
{
  const double above = edgec_log1p_scalar_f64(edgec_exp_scalar_f64(x > 0.0 ? -x : x));
  return x > 0.0 ? x + above : above;
}

EDGEC_UNARY_KERNEL(softplus, f32, float, float)
EDGEC_UNARY_KERNEL(softplus, f64, double, double)

#endif
