/* Pooling with RVV: channels are lanes. */
#ifndef EDGEC_POOL_RVV_H
#define EDGEC_POOL_RVV_H

#include "edgec/average_pool_quantized.h"
#include "edgec/codes_rvv.h"
#include "edgec/lowest.h"
#include "edgec/pool.h"

/* A row of output, as EDGEC_POOL_ROW has it. `found` begins as `begin` for some lanes; each tap `in` changes it by `step`;
   at last `last` stores it at `out`. `format` is that of vectors of `type`. */
#define EDGEC_POOL_RVV(type, vector, format, width, begin, step, last)                                               \
  for (int32_t x = 0; x < op->out_width; ++x) {                                                                      \
    const int32_t x0 = x * op->stride - op->pad_left;                                                                \
    const int32_t first = edgec_taps_begin(x0, op->dilation);                                                        \
    const int32_t taps = edgec_taps_end(x0, op->dilation, op->kernel_width, op->in_width) - first;                   \
    const ptrdiff_t column = (ptrdiff_t)(x0 + first * op->dilation) * op->channels;                                  \
    const ptrdiff_t next = (ptrdiff_t)op->dilation * op->channels;                                                   \
    size_t lanes;                                                                                                    \
    for (int32_t c = 0; c < op->channels; c += (int32_t)lanes, y += lanes) {                                         \
      lanes = __riscv_vsetvl_##width((size_t)(op->channels - c));                                                    \
      begin;                                                                                                         \
      for (int32_t row = 0; row < op->kernel_rows; ++row) {                                                          \
        if (rows[row] != NULL) {                                                                                     \
          const type *tap = rows[row] + column + c;                                                                  \
          for (int32_t left = taps; left > 0; --left, tap += next) {                                                 \
            const vector in = __riscv_vle##format(tap, lanes);                                                       \
            step;                                                                                                    \
          }                                                                                                          \
        }                                                                                                            \
      }                                                                                                              \
      last;                                                                                                          \
    }                                                                                                                \
  }

/* The larger one of each lane; NaN if one of them is NaN: edgec_max_scalar_f32. */
EDGEC_INLINE vfloat32m8_t edgec_larger_rvv_f32(vfloat32m8_t a, vfloat32m8_t b, size_t lanes)
{
  const vbool4_t larger = __riscv_vmfgt_vv_f32m8_b4(b, a, lanes);
  const vbool4_t nan = __riscv_vmfne_vv_f32m8_b4(b, b, lanes);
  return __riscv_vmerge_vvm_f32m8(a, b, __riscv_vmor_mm_b4(larger, nan, lanes), lanes);
}

/* edgec_max_pool_f32, edgec_max_pool_i8 and edgec_average_pool_f32 by vectors. */
EDGEC_KERNEL void edgec_max_pool_rvv_f32(const edgec_pool *op, float low, float high, const float *const *rows, float *y)
{
  EDGEC_POOL_RVV(float, vfloat32m8_t, 32_v_f32m8, e32m8,
                 vfloat32m8_t found = __riscv_vfmv_v_f_f32m8(EDGEC_LOWEST_f32, lanes),
                 found = edgec_larger_rvv_f32(found, in, lanes),
                 __riscv_vse32_v_f32m8(y, edgec_clamped_rvv(found, low, high, lanes), lanes))
}

EDGEC_KERNEL void edgec_max_pool_rvv_i8(const edgec_pool *op, int8_t low, int8_t high, const int8_t *const *rows, int8_t *y)
{
  EDGEC_POOL_RVV(int8_t, vint8m8_t, 8_v_i8m8, e8m8, vint8m8_t found = __riscv_vmv_v_x_i8m8(low, lanes),
                 found = __riscv_vmax_vv_i8m8(found, in, lanes),
                 __riscv_vse8_v_i8m8(y, __riscv_vmin_vx_i8m8(found, high, lanes), lanes))
}

EDGEC_KERNEL void edgec_average_pool_rvv_f32(const edgec_pool *op, float low, float high, int32_t counted_left,
                                             int32_t counted_right, const float *const *rows, int32_t counted_rows, float *y)
{
  EDGEC_POOL_RVV(float, vfloat32m8_t, 32_v_f32m8, e32m8, vfloat32m8_t found = __riscv_vfmv_v_f_f32m8(0.0f, lanes),
                 found = __riscv_vfadd_vv_f32m8(found, in, lanes),
                 const float count = (float)edgec_average_pool_count(op, counted_rows, counted_left, counted_right, x0);
                 found = __riscv_vfdiv_vf_f32m8(found, count, lanes);
                 __riscv_vse32_v_f32m8(y, edgec_clamped_rvv(found, low, high, lanes), lanes))
}

/* edgec_average_pool_i8_i32_i8 by vectors, for windows of at most 255 taps. */
EDGEC_KERNEL void edgec_average_pool_rvv_i8(const edgec_pool *op, const edgec_means *means, int32_t counted_left,
                                            int32_t counted_right, const int8_t *const *rows, int32_t counted_rows,
                                            int8_t *y)
{
  int32_t rows_inside = 0;
  for (int32_t row = 0; row < op->kernel_rows; ++row) {
    rows_inside += rows[row] != NULL;
  }
  EDGEC_POOL_RVV(
      int8_t, vint8m2_t, 8_v_i8m2, e8m2, vint16m4_t found = __riscv_vmv_v_x_i16m4(0, lanes),
      found = __riscv_vwadd_wv_i16m4(found, in, lanes),
      const int32_t counted = edgec_average_pool_count(op, counted_rows, counted_left, counted_right, x0);
      const int32_t factor = means->uniform ? 0 : counted;
      const int32_t inside = taps > 0 ? rows_inside * taps : 0;
      vint32m8_t sum = __riscv_vsext_vf2_i32m8(found, lanes);
      sum = __riscv_vsub_vx_i32m8(sum, inside * means->x_zero, lanes);
      const vint16m4_t code = edgec_rescaled_rvv(sum, means->multiplier[factor], means->shift[factor], lanes);
      edgec_store_codes_rvv(y, code, &means->result, lanes))
}

#endif
