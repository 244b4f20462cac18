/* Numbers to bytes by one scale, and back, with RVV. */
#ifndef EDGEC_QUANTIZE_RVV_H
#define EDGEC_QUANTIZE_RVV_H

#include "edgec/codes_rvv.h"

/* saturate(round(x / scale) + zero_point), half way to even; NaN gives the zero point. */
EDGEC_KERNEL void edgec_quantize_rvv_i8(const edgec_result *result, float scale, const float *x, int8_t *y, int32_t count)
{
  size_t lanes;
  for (; count > 0; count -= (int32_t)lanes, x += lanes, y += lanes) {
    lanes = __riscv_vsetvl_e32m8((size_t)count);
    const vfloat32m8_t quotient = __riscv_vfdiv_vf_f32m8(__riscv_vle32_v_f32m8(x, lanes), scale, lanes);
    const vbool4_t nan = __riscv_vmfne_vv_f32m8_b4(quotient, quotient, lanes);
    const vint32m8_t rounded = __riscv_vfcvt_x_f_v_i32m8_rm(quotient, __RISCV_FRM_RNE, lanes);
    const vint32m8_t number = __riscv_vmerge_vxm_i32m8(rounded, 0, nan, lanes);
    edgec_store_codes_rvv(y, __riscv_vnclip_wx_i16m4(number, 0, __RISCV_VXRM_RNU, lanes), result, lanes);
  }
}

/* (x - zero_point) * scale */
EDGEC_KERNEL void edgec_dequantize_rvv_i8(int32_t zero_point, float scale, const int8_t *x, float *y, int32_t count)
{
  size_t lanes;
  for (; count > 0; count -= (int32_t)lanes, x += lanes, y += lanes) {
    lanes = __riscv_vsetvl_e32m8((size_t)count);
    const vint16m4_t number = __riscv_vwsub_vx_i16m4(__riscv_vle8_v_i8m2(x, lanes), (int8_t)zero_point, lanes);
    const vfloat32m8_t value = __riscv_vfwcvt_f_x_v_f32m8(number, lanes);
    __riscv_vse32_v_f32m8(y, __riscv_vfmul_vf_f32m8(value, scale, lanes), lanes);
  }
}

#endif
