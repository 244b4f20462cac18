/* Products of two matrices of bytes with RVV: columns of the result are lanes, three rows go together. */
#ifndef EDGEC_MATMUL_RVV_H
#define EDGEC_MATMUL_RVV_H

#include "edgec/lanes_rvv.h"
#include "edgec/matmul_quantized.h"

/* edgec_matmul_i8_i8_i32_i8 for shifts of 33 or more. Sums begin at what makes up for a's zero point. */
EDGEC_BLOCK_KERNEL void edgec_matmul_rvv_i8(const edgec_matmul_quantized *op, const int8_t *a, const int8_t *b, int8_t *y)
{
  const int32_t inner = op->inner;
  const int32_t columns = op->columns;
  const int32_t multiplier = op->factors.multiplier[0];
  const size_t shift = (size_t)op->factors.shift[0] - 32;
  size_t lanes;
  for (int32_t j = 0; j < columns; j += (int32_t)lanes) {
    lanes = __riscv_vsetvl_e32m8((size_t)(columns - j));
    vint32m8_t begin = __riscv_vmv_v_x_i32m8(0, lanes);
    for (int32_t k = 0; op->a_zero != 0 && k < inner; ++k) {
      const vint8m2_t row = __riscv_vle8_v_i8m2(b + k * columns + j, lanes);
      begin = __riscv_vwadd_wv_i32m8(begin, __riscv_vwsub_vx_i16m4(row, (int8_t)op->b_zero, lanes), lanes);
    }
    begin = __riscv_vmul_vx_i32m8(begin, -op->a_zero, lanes);
    int32_t count;
    for (int32_t i = 0; i < op->rows; i += count) {
      count = op->rows - i < 3 ? 1 : 3;
      const int8_t *v = b + j;
      const int8_t *a0 = a + i * inner;
      const int8_t *a1 = a0 + inner;
      const int8_t *a2 = a1 + inner;
      int8_t *const to = y + i * columns + j;
      vint32m8_t s0 = begin;
      vint32m8_t s1 = begin;
      vint32m8_t s2 = begin;
      if (count == 3) {
        edgec_run_products_rvv(1, &s0, &s1, &s2, &v, columns, op->b_zero, &a0, &a1, &a2, inner, lanes);
      } else {
        edgec_run_products_rvv(0, &s0, &s1, &s2, &v, columns, op->b_zero, &a0, &a0, &a0, inner, lanes);
      }
      s0 = __riscv_vmulh_vx_i32m8(s0, multiplier, lanes);
      edgec_store_codes_rvv(to, __riscv_vnclip_wx_i16m4(s0, shift, __RISCV_VXRM_RNU, lanes), &op->result, lanes);
      if (count == 3) {
        s1 = __riscv_vmulh_vx_i32m8(s1, multiplier, lanes);
        edgec_store_codes_rvv(to + columns, __riscv_vnclip_wx_i16m4(s1, shift, __RISCV_VXRM_RNU, lanes), &op->result, lanes);
        s2 = __riscv_vmulh_vx_i32m8(s2, multiplier, lanes);
        edgec_store_codes_rvv(to + 2 * columns, __riscv_vnclip_wx_i16m4(s2, shift, __RISCV_VXRM_RNU, lanes), &op->result,
                              lanes);
      }
    }
  }
}

#endif
