/* 1 / (1 + exp(-x)). Accuracy: see docs/maths.md. */
#ifndef EDGEC_SIGMOID_H
#define EDGEC_SIGMOID_H

#include "edgec/exp.h"
#include "edgec/unary.h"

/* exp of a non-positive number only, so that nothing overflows on the way to 0 or 1. */
EDGEC_INLINE float edgec_sigmoid_scalar_f32(float x)
{
  const float e = edgec_exp_scalar_f32(x > 0.0f ? -x : x);
  return (x > 0.0f ? 1.0f : e) / (1.0f + e);
}

/* exp of a non-positive number only, so that nothing overflows on the way to 0 or 1. */
EDGEC_INLINE double edgec_sigmoid_scalar_f64(double x)
{
  const double e = edgec_exp_scalar_f64(x > 0.0 ? -x : x);
  return (x > 0.0 ? 1.0 : e) / (1.0 + e);
}

EDGEC_UNARY_KERNEL(sigmoid, f32, float, float)
EDGEC_UNARY_KERNEL(sigmoid, f64, double, double)

#endif
