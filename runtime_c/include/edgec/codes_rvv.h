/* Codes of few sums of bytes, with RVV. */
#ifndef EDGEC_CODES_RVV_H
#define EDGEC_CODES_RVV_H

#include "edgec/quantized.h"
#include "edgec/vectors_rvv.h"

/* edgec_rescale_i32 of sums of at most 2^22 for shifts from 25 to 55, saturated to 16 bits: sums are raised, so that the
   lower half of the product decides nothing. */
EDGEC_INLINE vint16m4_t edgec_rescaled_rvv(vint32m8_t sum, int32_t multiplier, int32_t shift, size_t lanes)
{
  const vint32m8_t raised = __riscv_vsll_vx_i32m8(sum, 8, lanes);
  const vint32m8_t product = __riscv_vmulh_vx_i32m8(raised, multiplier, lanes);
  return __riscv_vnclip_wx_i16m4(product, (size_t)(shift - 24), __RISCV_VXRM_RNU, lanes);
}

/* Rescaled sums as codes. */
EDGEC_INLINE vint8m2_t edgec_codes_rvv(vint16m4_t scaled, const edgec_result *result, size_t lanes)
{
  vint16m4_t code = __riscv_vsadd_vx_i16m4(scaled, (int16_t)result->zero_point, lanes);
  if (result->low > INT8_MIN || result->high < INT8_MAX) {
    code = __riscv_vmax_vx_i16m4(code, (int16_t)result->low, lanes);
    code = __riscv_vmin_vx_i16m4(code, (int16_t)result->high, lanes);
  }
  return __riscv_vnclip_wx_i8m2(code, 0, __RISCV_VXRM_RNU, lanes);
}

EDGEC_INLINE void edgec_store_codes_rvv(int8_t *y, vint16m4_t scaled, const edgec_result *result, size_t lanes)
{
  __riscv_vse8_v_i8m2(y, edgec_codes_rvv(scaled, result, lanes), lanes);
}

#endif
