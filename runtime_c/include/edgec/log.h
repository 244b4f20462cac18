/* Natural logarithm. Accuracy: see docs/maths.md. */
#ifndef EDGEC_LOG_H
#define EDGEC_LOG_H

#include "edgec/log_parts.h"
#include "edgec/unary.h"

EDGEC_FUNCTION float edgec_log_scalar_f32(float x)
{
  if (!(x > 0.0f && x < EDGEC_INFINITY)) {
    return x == 0.0f ? -EDGEC_INFINITY : (x < 0.0f ? EDGEC_NAN : x);
  }
  const edgec_log_split_f32 split = edgec_split_f32(x);
  return edgec_log_join_f32(split.n, split.m - 1.0f, 0.0f);
}

EDGEC_FUNCTION double edgec_log_scalar_f64(double x)
{
  if (!(x > 0.0 && x < (double)EDGEC_INFINITY)) {
    return x == 0.0 ? -(double)EDGEC_INFINITY : (x < 0.0 ? (double)EDGEC_NAN : x);
  }
  const edgec_log_split_f64 split = edgec_split_f64(x);
  return edgec_log_join_f64(split.n, split.m - 1.0, 0.0);
}

EDGEC_UNARY_KERNEL(log, f32, float, float)
EDGEC_UNARY_KERNEL(log, f64, double, double)

#endif
