/* Softmax of bytes that lie side by side with RVV. */
#ifndef EDGEC_SOFTMAX_RVV_H
#define EDGEC_SOFTMAX_RVV_H

#include "edgec/codes_rvv.h"
#include "edgec/softmax_quantized.h"

/* The exponentials of x - top. */
EDGEC_INLINE vint32m8_t edgec_exponentials_rvv(const edgec_softmax *softmax, const int8_t *x, int32_t top, size_t lanes)
{
  const vint16m4_t below = __riscv_vrsub_vx_i16m4(__riscv_vsext_vf2_i16m4(__riscv_vle8_v_i8m2(x, lanes), lanes),
                                                  (int16_t)top, lanes);
  const vuint16m4_t place = __riscv_vreinterpret_v_i16m4_u16m4(__riscv_vsll_vx_i16m4(below, 2, lanes));
  return __riscv_vluxei16_v_i32m8(softmax->exponential, place, lanes);
}

/* `lines` of `count` elements each, for shifts of 33 or more. y may be x. */
EDGEC_KERNEL void edgec_softmax_rvv_i8(const edgec_softmax *softmax, int32_t lines, int32_t count, const int8_t *x,
                                       int8_t *y)
{
  for (int32_t line = 0; line < lines; ++line, x += count, y += count) {
    vint8m1_t largest = __riscv_vmv_s_x_i8m1(INT8_MIN, 1);
    vint64m1_t sum = __riscv_vmv_s_x_i64m1(0, 1);
    size_t lanes;
    for (int32_t i = 0; i < count; i += (int32_t)lanes) {
      lanes = __riscv_vsetvl_e8m8((size_t)(count - i));
      largest = __riscv_vredmax_vs_i8m8_i8m1(__riscv_vle8_v_i8m8(x + i, lanes), largest, lanes);
    }
    const int32_t top = __riscv_vmv_x_s_i8m1_i8(largest);
    for (int32_t i = 0; i < count; i += (int32_t)lanes) {
      lanes = __riscv_vsetvl_e32m8((size_t)(count - i));
      sum = __riscv_vwredsum_vs_i32m8_i64m1(edgec_exponentials_rvv(softmax, x + i, top, lanes), sum, lanes);
    }
    const int32_t quotient = (int32_t)(softmax->scaled / __riscv_vmv_x_s_i64m1_i64(sum));
    for (int32_t i = 0; i < count; i += (int32_t)lanes) {
      lanes = __riscv_vsetvl_e32m8((size_t)(count - i));
      const vint32m8_t product = __riscv_vmulh_vx_i32m8(edgec_exponentials_rvv(softmax, x + i, top, lanes), quotient, lanes);
      const vint16m4_t scaled =
          __riscv_vnclip_wx_i16m4(product, (size_t)(softmax->shift - 32), __RISCV_VXRM_RNU, lanes);
      edgec_store_codes_rvv(y + i, scaled, &softmax->result, lanes);
    }
  }
}

#endif
