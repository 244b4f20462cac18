/* 1 / (1 + exp(-x)), float32. Accuracy: see docs/maths.md. */
#ifndef EDGEC_SIGMOID_F32_H
#define EDGEC_SIGMOID_F32_H

#include "edgec/exp_f32.h"

/* exp of a non-positive number only, so that nothing overflows on the way to 0 or 1. */
EDGEC_INLINE float edgec_sigmoid_scalar_f32(float x)
{
  const float e = edgec_exp_f32(x > 0.0f ? -x : x);
  return (x > 0.0f ? 1.0f : e) / (1.0f + e);
}

/* Over a run of elements; y may be x. */
EDGEC_KERNEL void edgec_sigmoid_f32(const float *x, float *y, int32_t count)
{
  for (int32_t i = 0; i < count; ++i) {
    y[i] = edgec_sigmoid_scalar_f32(x[i]);
  }
}

#endif
