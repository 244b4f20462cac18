/* 1 / (1 + exp(-x)), float32. */
#ifndef EDGEC_SIGMOID_F32_H
#define EDGEC_SIGMOID_F32_H

#include "edgec/maths/sigmoid_f32.h"

/* Over a run of elements; y may be x. */
EDGEC_KERNEL void edgec_sigmoid_f32(const float *x, float *y, int32_t count)
{
  for (int32_t i = 0; i < count; ++i) {
    y[i] = edgec_sigmoid_scalar_f32(x[i]);
  }
}

#endif
