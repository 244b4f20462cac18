/* The smallest integer that is not below x, exactly; -0 between -1 and 0. Accuracy: see docs/maths.md. */
#ifndef EDGEC_CEIL_H
#define EDGEC_CEIL_H

#include "edgec/trunc.h"
#include "edgec/unary.h"

EDGEC_INLINE float edgec_ceil_scalar_f32(float x)
{
  const float whole = edgec_trunc_scalar_f32(x);
  return whole < x ? whole + 1.0f : whole;
}

EDGEC_INLINE double edgec_ceil_scalar_f64(double x)
{
  const double whole = edgec_trunc_scalar_f64(x);
  return whole < x ? whole + 1.0 : whole;
}

EDGEC_UNARY_KERNEL(ceil, f32, float, float)
EDGEC_UNARY_KERNEL(ceil, f64, double, double)

#endif
