/* exp(x - max) / sum along the last axis, float32, on hosts. y may be x. */
#ifndef EDGEC_SOFTMAX_LANES_F32_H
#define EDGEC_SOFTMAX_LANES_F32_H

#include "edgec/maths_lanes_f32.h"

/* x and y: [lines][axis] */
EDGEC_KERNEL void EDGEC_LANES_KERNEL(softmax)(int32_t lines, int32_t axis, const float *x, float *y)
{
  for (int32_t line = 0; line < lines; ++line, x += axis, y += axis) {
    edgec_lanes tops = edgec_lanes_all(-EDGEC_INFINITY);
    for (int32_t i = 0; i < axis; i += EDGEC_LANES) {
      tops = edgec_lanes_max(tops, edgec_lanes_get_else(x + i, axis - i, -EDGEC_INFINITY));
    }
    const edgec_lanes top = edgec_lanes_all(edgec_lanes_top(tops));
    edgec_lanes sums = edgec_lanes_all(0.0f);
    for (int32_t i = 0; i < axis; i += EDGEC_LANES) {
      /* exp of what is not there is next to nothing. */
      const edgec_lanes e = edgec_lanes_exp(edgec_lanes_get_else(x + i, axis - i, -EDGEC_INFINITY) - top);
      edgec_lanes_put(y + i, e, axis - i);
      sums = sums + e;
    }
    const edgec_lanes factor = edgec_lanes_all(1.0f / edgec_lanes_sum(sums));
    for (int32_t i = 0; i < axis; i += EDGEC_LANES) {
      edgec_lanes_put(y + i, edgec_lanes_get(y + i, axis - i) * factor, axis - i);
    }
  }
}

#endif
