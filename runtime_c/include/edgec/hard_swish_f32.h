/* x * clip(x + 3, 0, 6) / 6, float32. */
#ifndef EDGEC_HARD_SWISH_F32_H
#define EDGEC_HARD_SWISH_F32_H

#include "edgec/core.h"

/* Over a run of elements; y may be x. */
EDGEC_KERNEL void edgec_hard_swish_f32(const float *x, float *y, int32_t count)
{
  for (int32_t i = 0; i < count; ++i) {
    y[i] = x[i] * (edgec_clamp_f32(x[i] + 3.0f, 0.0f, 6.0f) * (1.0f / 6.0f));
  }
}

#endif
