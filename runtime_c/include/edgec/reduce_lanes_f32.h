/* Sums and maxima over the last axes, float32, on hosts. */
#ifndef EDGEC_REDUCE_LANES_F32_H
#define EDGEC_REDUCE_LANES_F32_H

#include "edgec/lanes_f32.h"

/* x: [lines][axis]; y: [lines], sums times a factor. */
EDGEC_KERNEL void EDGEC_LANES_KERNEL(line_sums)(int32_t lines, int32_t axis, float factor, const float *x, float *y)
{
  for (int32_t line = 0; line < lines; ++line, x += axis) {
    edgec_lanes even = edgec_lanes_all(0.0f);
    edgec_lanes odd = edgec_lanes_all(0.0f);
    int32_t i = 0;
    for (; i + 2 * EDGEC_LANES <= axis; i += 2 * EDGEC_LANES) {
      even = even + edgec_lanes_load(x + i);
      odd = odd + edgec_lanes_load(x + i + EDGEC_LANES);
    }
    for (; i < axis; i += EDGEC_LANES) {
      even = even + edgec_lanes_get(x + i, axis - i);
    }
    y[line] = edgec_lanes_sum(even + odd) * factor;
  }
}

#endif
