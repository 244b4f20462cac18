/* Matrix product of two tensors, float32, on hosts: b is rearranged to what weights are (tiles_f32.h). */
#ifndef EDGEC_MATMUL_LANES_F32_H
#define EDGEC_MATMUL_LANES_F32_H

#include "edgec/tiles_f32.h"

/* `width` columns of b, from pointer b on, as [inner][vectors]; what is left of the last vector is zero. `columns`: of b. */
EDGEC_KERNEL void EDGEC_LANES_KERNEL(panel)(int32_t inner, int32_t columns, int32_t width, const float *b, float *panel)
{
  for (int32_t i = 0; i < inner; ++i, b += columns) {
    for (int32_t j = 0; j < width; j += EDGEC_LANES, panel += EDGEC_LANES) {
      edgec_lanes_store(panel, edgec_lanes_get(b + j, width - j));
    }
  }
}

#endif
