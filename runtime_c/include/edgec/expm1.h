/* exp(x) - 1, accurate near zero. Accuracy: see docs/maths.md. */
#ifndef EDGEC_EXPM1_H
#define EDGEC_EXPM1_H

#include "edgec/exp.h"

/* 2^n (1 + r + rest) - 1, the two large parts first. From 60 and 100 on the 1 does not show; below -18 and -40 nothing
   else does. */
EDGEC_FUNCTION float edgec_expm1_scalar_f32(float x)
{
  if (x != x || x > 60.0f) {
    return edgec_exp_scalar_f32(x);
  }
  if (x < -18.0f) {
    return -1.0f;
  }
  const edgec_exp_reduced_f32 reduced = edgec_exp_reduce_f32(x, 0.0f);
  const float r = reduced.r;
  const float rest = r * r * edgec_exp_polynomial_f32(r) + reduced.lost;
  if (reduced.n == 0) {
    return x == 0.0f ? x : x + rest;
  }
  const float power = edgec_power_of_two_f32(reduced.n);
  const float sum = 1.0f + r;
  return (power * sum - 1.0f) + power * (((1.0f - sum) + r) + rest);
}

EDGEC_FUNCTION double edgec_expm1_scalar_f64(double x)
{
  if (x != x || x > 100.0) {
    return edgec_exp_scalar_f64(x);
  }
  if (x < -40.0) {
    return -1.0;
  }
  const edgec_exp_reduced_f64 reduced = edgec_exp_reduce_f64(x, 0.0);
  const double r = reduced.r;
  const double rest = r * r * edgec_exp_polynomial_f64(r) + reduced.lost;
  if (reduced.n == 0) {
    return x == 0.0 ? x : x + rest;
  }
  const double power = edgec_power_of_two_f64(reduced.n);
  const double sum = 1.0 + r;
  return (power * sum - 1.0) + power * (((1.0 - sum) + r) + rest);
}

#endif
