/* min(max(x, low), high), float32. */
#ifndef EDGEC_CLIP_F32_H
#define EDGEC_CLIP_F32_H

#include "edgec/core.h"

/* Over a run of elements; y may be x. */
EDGEC_KERNEL void edgec_clip_f32(float low, float high, const float *x, float *y, int32_t count)
{
  for (int32_t i = 0; i < count; ++i) {
    y[i] = edgec_clamp_f32(x[i], low, high);
  }
}

#endif
