/* max(x, 0), float32. */
#ifndef EDGEC_RELU_F32_H
#define EDGEC_RELU_F32_H

#include "edgec/core.h"

/* Over a run of elements; y may be x. */
EDGEC_KERNEL void edgec_relu_f32(const float *x, float *y, int32_t count)
{
  for (int32_t i = 0; i < count; ++i) {
    y[i] = edgec_clamp_f32(x[i], 0.0f, EDGEC_INFINITY);
  }
}

#endif
