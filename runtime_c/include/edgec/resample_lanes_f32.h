/* Weighted sums along one axis, float32, on hosts: vectors of what lies behind the axis. */
#ifndef EDGEC_RESAMPLE_LANES_F32_H
#define EDGEC_RESAMPLE_LANES_F32_H

#include "edgec/lanes_f32.h"

/* x is [outer][extent][inner], y is [outer][count][inner]; places, from 0 on, and weights are [count][taps]. */
EDGEC_KERNEL void EDGEC_LANES_KERNEL(resample)(int32_t outer, int32_t extent, int32_t inner, int32_t count, int32_t taps,
                                               const float *x, const int32_t *places, const float *weights, float *y)
{
  for (int32_t o = 0; o < outer; ++o, x += (ptrdiff_t)extent * inner) {
    for (int32_t c = 0; c < count; ++c, y += inner) {
      const int32_t *const own = places + c * taps;
      const float *const weight = weights + c * taps;
      for (int32_t i = 0; i < inner; i += EDGEC_LANES) {
        edgec_lanes sum = edgec_lanes_get(x + ((ptrdiff_t)own[0] * inner + i), inner - i) * edgec_lanes_all(weight[0]);
        for (int32_t t = 1; t < taps; ++t) {
          const edgec_lanes from = edgec_lanes_get(x + ((ptrdiff_t)own[t] * inner + i), inner - i);
          sum = edgec_lanes_fma(from, edgec_lanes_all(weight[t]), sum);
        }
        edgec_lanes_put(y + i, sum, inner - i);
      }
    }
  }
}

#endif
