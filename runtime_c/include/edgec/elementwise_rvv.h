/* Elementwise functions of one tensor, and transposition, with RVV. */
#ifndef EDGEC_ELEMENTWISE_RVV_H
#define EDGEC_ELEMENTWISE_RVV_H

#include "edgec/vectors_rvv.h"

/* edgec_clip_f32; y may be x. */
EDGEC_KERNEL void edgec_clip_rvv_f32(float low, float high, const float *x, float *y, int32_t count)
{
  size_t lanes;
  for (; count > 0; count -= (int32_t)lanes, x += lanes, y += lanes) {
    lanes = __riscv_vsetvl_e32m8((size_t)count);
    __riscv_vse32_v_f32m8(y, edgec_clamped_rvv(__riscv_vle32_v_f32m8(x, lanes), low, high, lanes), lanes);
  }
}

/* Bytes by a table of 256, that of the lowest byte first; `flip`: 128 for signed ones. y may be x. */
EDGEC_KERNEL void edgec_lookup_rvv_8(const void *x, const void *table, void *y, int32_t count, uint8_t flip)
{
  const uint8_t *from = (const uint8_t *)x;
  uint8_t *to = (uint8_t *)y;
  size_t lanes;
  for (; count > 0; count -= (int32_t)lanes, from += lanes, to += lanes) {
    lanes = __riscv_vsetvl_e8m8((size_t)count);
    const vuint8m8_t place = __riscv_vxor_vx_u8m8(__riscv_vle8_v_u8m8(from, lanes), flip, lanes);
    __riscv_vse8_v_u8m8(to, __riscv_vluxei8_v_u8m8((const uint8_t *)table, place, lanes), lanes);
  }
}

/* y[j][i] = x[i][j] of so many rows and columns of x; the longer of them goes by vectors. */
EDGEC_FUNCTION void edgec_transpose_rvv_8(const void *x, void *y, int32_t rows, int32_t columns)
{
  if (columns < rows) {
    edgec_lines_rvv(x, 1, columns, y, rows, 1, columns, rows);
  } else {
    edgec_lines_rvv(x, columns, 1, y, 1, rows, rows, columns);
  }
}

#endif
