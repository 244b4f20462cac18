/* Dense, float32, on the FPU of Armv7E-M and Armv8-M: the same matrix over a run of pixels. Also convolution by a 1x1 window. */
#ifndef EDGEC_DENSE_VFP_H
#define EDGEC_DENSE_VFP_H

#include "edgec/block_vfp.h"

/* y[p][o] = clamp(bias[o] + sum of x[p][i] * w[o][i]), the sum over i in ascending order, starting at the bias; steps in
   elements. edgec_dense_*_f32: of 4 pixels or more, of which the last block is the last four.
   edgec_dense_single_*_f32: of any number, one at a time. */
#define EDGEC_DENSE_VFP(form)                                                                                     \
  EDGEC_FUNCTION void edgec_dense_##form##_f32(const edgec_block_vfp *op, int32_t pixels, int32_t step,           \
                                               const float *x, float *y)                                          \
  {                                                                                                               \
    for (int32_t next = 0; next < pixels; next += 4) {                                                            \
      const int32_t p = next < pixels - 4 ? next : pixels - 4;                                                    \
      const float *const a = x + (ptrdiff_t)p * step;                                                             \
      edgec_block_4x4_##form(a, a + step, a + 2 * step, a + 3 * step, y + (ptrdiff_t)p * (op->out_step / 4), op); \
    }                                                                                                             \
  }                                                                                                               \
                                                                                                                  \
  EDGEC_FUNCTION void edgec_dense_single_##form##_f32(const edgec_block_vfp *op, int32_t pixels, int32_t step,    \
                                                      const float *x, float *y)                                   \
  {                                                                                                               \
    for (; pixels > 0; --pixels, x += step, y += op->out_step / 4) {                                              \
      edgec_block_1x4_##form(x, y, op);                                                                           \
    }                                                                                                             \
  }

EDGEC_DENSE_VFP(vfp)
EDGEC_DENSE_VFP(vmla)

#endif
