/* Hyperbolic tangent, float32. */
#ifndef EDGEC_TANH_F32_H
#define EDGEC_TANH_F32_H

#include "edgec/maths/tanh_f32.h"

/* Over a run of elements; y may be x. */
EDGEC_KERNEL void edgec_tanh_f32(const float *x, float *y, int32_t count)
{
  for (int32_t i = 0; i < count; ++i) {
    y[i] = edgec_tanh_scalar_f32(x[i]);
  }
}

#endif
