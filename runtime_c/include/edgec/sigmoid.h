/* 1 / (1 + exp(-x)). Accuracy: see docs/maths.md. */
#ifndef EDGEC_SIGMOID_H
#define EDGEC_SIGMOID_H

#include "edgec/double_word.h"
#include "edgec/exp.h"
#include "edgec/unary.h"

/* exp of a non-positive number only, so that nothing overflows on the way to 0 or 1. */
EDGEC_INLINE float edgec_sigmoid_scalar_f32(float x)
{
  const float e = edgec_exp_scalar_f32(x > 0.0f ? -x : x);
  return (x > 0.0f ? 1.0f : e) / (1.0f + e);
}

/* In float64 as a quotient of double words: accuracy first. */
EDGEC_FUNCTION double edgec_sigmoid_scalar_f64(double x)
{
  const double e = edgec_exp_scalar_f64(x > 0.0 ? -x : x);
  const edgec_double_word_f64 top = {x > 0.0 ? 1.0 : e, 0.0};
  const edgec_double_word_f64 y = edgec_quotient_f64(top, edgec_fast_sum_f64(1.0, e));
  return y.high + y.low;
}

EDGEC_UNARY_KERNEL(sigmoid, f32, float, float)
EDGEC_UNARY_KERNEL(sigmoid, f64, double, double)

#endif
