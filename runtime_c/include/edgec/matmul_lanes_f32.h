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

#define EDGEC_MATMUL_BEGIN(v, s) edgec_lanes s##v = edgec_lanes_all(0.0f);
#define EDGEC_MATMUL_SUM(v, s) s##v = edgec_lanes_fma(left, edgec_lanes_load(right + v * EDGEC_LANES), s##v);
#define EDGEC_MATMUL_END(v, s) edgec_lanes_store(y + j + v * EDGEC_LANES, s##v);

/* The product of few rows of a by b as it lies. */
EDGEC_KERNEL void EDGEC_LANES_KERNEL(matmul_rows)(int32_t rows, int32_t inner, int32_t columns, const float *a, const float *b,
                                                  float *y)
{
  for (int32_t r = 0; r < rows; ++r, a += inner, y += columns) {
    int32_t j = 0;
    for (; j + 8 * EDGEC_LANES <= columns; j += 8 * EDGEC_LANES) {
      const float *right = b + j;
      EDGEC_EACH_8(EDGEC_MATMUL_BEGIN, sum)
      for (int32_t i = 0; i < inner; ++i, right += columns) {
        const edgec_lanes left = edgec_lanes_all(a[i]);
        EDGEC_EACH_8(EDGEC_MATMUL_SUM, sum)
      }
      EDGEC_EACH_8(EDGEC_MATMUL_END, sum)
    }
    for (; j < columns; j += EDGEC_LANES) {
      const float *right = b + j;
      edgec_lanes even = edgec_lanes_all(0.0f);
      edgec_lanes odd = edgec_lanes_all(0.0f);
      for (int32_t i = 0; i + 1 < inner; i += 2, right += 2 * (ptrdiff_t)columns) {
        even = edgec_lanes_fma(edgec_lanes_all(a[i]), edgec_lanes_get(right, columns - j), even);
        odd = edgec_lanes_fma(edgec_lanes_all(a[i + 1]), edgec_lanes_get(right + columns, columns - j), odd);
      }
      if (inner % 2) {
        even = edgec_lanes_fma(edgec_lanes_all(a[inner - 1]), edgec_lanes_get(right, columns - j), even);
      }
      edgec_lanes_put(y + j, even + odd, columns - j);
    }
  }
}

#endif
