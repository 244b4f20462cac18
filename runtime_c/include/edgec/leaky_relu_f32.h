/* x where positive, else alpha * x, float32. */
#ifndef EDGEC_LEAKY_RELU_F32_H
#define EDGEC_LEAKY_RELU_F32_H

#include "edgec/core.h"

/* Over a run of elements; y may be x. */
EDGEC_KERNEL void edgec_leaky_relu_f32(float alpha, const float *x, float *y, int32_t count)
{
  for (int32_t i = 0; i < count; ++i) {
    y[i] = x[i] < 0.0f ? x[i] * alpha : x[i];
  }
}

#endif
