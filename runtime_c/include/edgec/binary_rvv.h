/* Arithmetic of two tensors with RVV, with broadcasting: EDGEC_BINARY_LOOPS along the innermost axis by vectors. y may be a
   or b where that has the result's shape. */
#ifndef EDGEC_BINARY_RVV_H
#define EDGEC_BINARY_RVV_H

#include "edgec/add_quantized.h"
#include "edgec/binary.h"
#include "edgec/codes_rvv.h"
#include "edgec/mul_quantized.h"

/* `store` writes `lanes` results at y from what p and q point at. */
#define EDGEC_BINARY_RVV(type, store)                                                       \
  for (int32_t i = 0; i < op->extent[0]; ++i) {                                             \
    for (int32_t j = 0; j < op->extent[1]; ++j) {                                           \
      for (int32_t k = 0; k < op->extent[2]; ++k) {                                         \
        const type *p = a + (i * op->a_stride[0] + j * op->a_stride[1] + k * op->a_stride[2]); \
        const type *q = b + (i * op->b_stride[0] + j * op->b_stride[1] + k * op->b_stride[2]); \
        size_t lanes;                                                                       \
        for (int32_t left = op->extent[3]; left > 0; left -= (int32_t)lanes) {              \
          lanes = __riscv_vsetvl_e32m8((size_t)left);                                       \
          store;                                                                            \
          p += (ptrdiff_t)lanes * op->a_stride[3];                                          \
          q += (ptrdiff_t)lanes * op->b_stride[3];                                          \
          y += lanes;                                                                       \
        }                                                                                   \
      }                                                                                     \
    }                                                                                       \
  }

/* Lanes that are `step` elements apart; 0: all alike. */
EDGEC_INLINE vfloat32m8_t edgec_load_rvv_f32(const float *x, int32_t step, size_t lanes)
{
  return step == 1 ? __riscv_vle32_v_f32m8(x, lanes) : __riscv_vlse32_v_f32m8(x, (ptrdiff_t)sizeof(float) * step, lanes);
}

EDGEC_INLINE vint8m2_t edgec_load_rvv_i8(const int8_t *x, int32_t step, size_t lanes)
{
  return step == 1 ? __riscv_vle8_v_i8m2(x, lanes) : __riscv_vlse8_v_i8m2(x, step, lanes);
}

/* edgec_<name>_rvv_f32: edgec_<name>_f32 (EDGEC_ARITHMETIC_KERNEL). */
#define EDGEC_ARITHMETIC_RVV(name)                                                                        \
  EDGEC_KERNEL void edgec_##name##_rvv_f32(const edgec_binary *op, float low, float high, const float *a, \
                                           const float *b, float *y)                                      \
  {                                                                                                       \
    EDGEC_BINARY_RVV(float, const vfloat32m8_t x = edgec_load_rvv_f32(p, op->a_stride[3], lanes);         \
                     const vfloat32m8_t z = edgec_load_rvv_f32(q, op->b_stride[3], lanes);                \
                     const vfloat32m8_t v = __riscv_vf##name##_vv_f32m8(x, z, lanes);                     \
                     __riscv_vse32_v_f32m8(y, edgec_clamped_rvv(v, low, high, lanes), lanes))             \
  }

EDGEC_ARITHMETIC_RVV(add)
EDGEC_ARITHMETIC_RVV(sub)
EDGEC_ARITHMETIC_RVV(mul)
EDGEC_ARITHMETIC_RVV(div)

/* edgec_add_i8_i8_i8 */
EDGEC_KERNEL void edgec_add_rvv_i8(const edgec_binary *op, const edgec_add *sums, const int8_t *a, const int8_t *b, int8_t *y)
{
  EDGEC_BINARY_RVV(int8_t, const vint8m2_t x = edgec_load_rvv_i8(p, op->a_stride[3], lanes);
                   const vint8m2_t z = edgec_load_rvv_i8(q, op->b_stride[3], lanes);
                   vint32m8_t sum = __riscv_vmul_vx_i32m8(__riscv_vsext_vf4_i32m8(x, lanes), sums->a_multiplier, lanes);
                   sum = __riscv_vmacc_vx_i32m8(sum, sums->b_multiplier, __riscv_vsext_vf4_i32m8(z, lanes), lanes);
                   sum = __riscv_vadd_vx_i32m8(sum, (int32_t)sums->begin, lanes);
                   edgec_store_codes_rvv(y, __riscv_vnclip_wx_i16m4(sum, (size_t)sums->shift, __RISCV_VXRM_RDN, lanes),
                                         &sums->result, lanes))
}

/* edgec_mul_i8_i8_i8 */
EDGEC_KERNEL void edgec_mul_rvv_i8(const edgec_binary *op, const edgec_mul *mul, const int8_t *a, const int8_t *b, int8_t *y)
{
  EDGEC_BINARY_RVV(
      int8_t, const vint8m2_t x = edgec_load_rvv_i8(p, op->a_stride[3], lanes);
      const vint8m2_t z = edgec_load_rvv_i8(q, op->b_stride[3], lanes);
      const vint16m4_t v = __riscv_vsub_vx_i16m4(__riscv_vsext_vf2_i16m4(x, lanes), (int16_t)mul->a_zero, lanes);
      const vint16m4_t w = __riscv_vsub_vx_i16m4(__riscv_vsext_vf2_i16m4(z, lanes), (int16_t)mul->b_zero, lanes);
      const vint32m8_t product = __riscv_vwmul_vv_i32m8(v, w, lanes);
      edgec_store_codes_rvv(y, edgec_rescaled_rvv(product, mul->multiplier, mul->shift, lanes), &mul->result, lanes))
}

#endif
