/* The largest integer that is not above x, exactly. Accuracy: see docs/maths.md. */
#ifndef EDGEC_FLOOR_H
#define EDGEC_FLOOR_H

#include "edgec/trunc.h"
#include "edgec/unary.h"

EDGEC_INLINE float edgec_floor_scalar_f32(float x)
{
  const float whole = edgec_trunc_scalar_f32(x);
  return whole > x ? whole - 1.0f : whole;
}

EDGEC_INLINE double edgec_floor_scalar_f64(double x)
{
  const double whole = edgec_trunc_scalar_f64(x);
  return whole > x ? whole - 1.0 : whole;
}

EDGEC_UNARY_KERNEL(floor, f32, float, float)
EDGEC_UNARY_KERNEL(floor, f64, double, double)

#endif
