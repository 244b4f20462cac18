/* (x - mean) / sqrt(variance + epsilon) * scale + bias along the last axis, float32, on hosts. */
#ifndef EDGEC_NORMALIZE_LANES_F32_H
#define EDGEC_NORMALIZE_LANES_F32_H

#include "edgec/lanes_f32.h"

/* x and y: [lines][axis]; scale and bias: [axis], bias may be NULL. Not `centered`, the mean counts as 0. y may be x. */
EDGEC_KERNEL void EDGEC_LANES_KERNEL(normalize)(int32_t lines, int32_t axis, int32_t centered, float epsilon, const float *x,
                                                const float *scale, const float *bias, float *y)
{
  for (int32_t line = 0; line < lines; ++line, x += axis, y += axis) {
    edgec_lanes sums = edgec_lanes_all(0.0f);
    for (int32_t i = 0; centered && i < axis; i += EDGEC_LANES) {
      sums = sums + edgec_lanes_get(x + i, axis - i);
    }
    const float average = edgec_lanes_sum(sums) / (float)axis;
    const edgec_lanes mean = edgec_lanes_all(average);
    edgec_lanes squares = edgec_lanes_all(0.0f);
    for (int32_t i = 0; i < axis; i += EDGEC_LANES) {
      const edgec_lanes away = edgec_lanes_get_else(x + i, axis - i, average) - mean;
      squares = edgec_lanes_fma(away, away, squares);
    }
    const float variance = edgec_lanes_sum(squares) / (float)axis;
    const edgec_lanes inverse = edgec_lanes_all(1.0f) / edgec_lanes_sqrt(edgec_lanes_all(variance + epsilon));
    for (int32_t i = 0; i < axis; i += EDGEC_LANES) {
      const int32_t count = axis - i;
      const edgec_lanes shift = bias == NULL ? edgec_lanes_all(0.0f) : edgec_lanes_get(bias + i, count);
      const edgec_lanes factor = inverse * edgec_lanes_get(scale + i, count);
      edgec_lanes_put(y + i, edgec_lanes_fma(edgec_lanes_get(x + i, count) - mean, factor, shift), count);
    }
  }
}

#endif
