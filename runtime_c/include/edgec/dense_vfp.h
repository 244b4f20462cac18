/* Dense, float32, on the FPU of Armv7E-M and Armv8-M: the same matrix over a run of pixels. Also convolution by a 1x1 window. */
#ifndef EDGEC_DENSE_VFP_H
#define EDGEC_DENSE_VFP_H

#include "edgec/block_vfp.h"

/* y[p][o] = clamp(bias[o] + sum of x[p][i] * w[o][i]), the sum over i in ascending order, starting at the bias; `step`: elements
   from pixel to pixel. */
#define EDGEC_DENSE_VFP(form)                                                                                    \
  EDGEC_FUNCTION void edgec_dense_##form##_f32(const edgec_block_vfp *op, int32_t pixels, int32_t step,          \
                                               const float *x, float *y)                                         \
  {                                                                                                              \
    const int32_t out = op->out_step / 4;                                                                        \
    for (; pixels >= 4; pixels -= 4, x += 4 * step, y += 4 * out) {                                              \
      edgec_block_4x4_##form(x, x + step, x + 2 * step, x + 3 * step, y, op);                                    \
    }                                                                                                            \
    for (; pixels > 0; --pixels, x += step, y += out) {                                                          \
      edgec_block_1x8_##form(x, y, op);                                                                          \
    }                                                                                                            \
  }

EDGEC_DENSE_VFP(vfp)
EDGEC_DENSE_VFP(vmla)

#endif
