/* 2-D convolution, float32, on the FPU of Armv7E-M and Armv8-M. */
#ifndef EDGEC_CONV2D_VFP_H
#define EDGEC_CONV2D_VFP_H

#include "edgec/block_vfp.h"
#include "edgec/padded_vfp.h"
#include "edgec/strips.h"

/* One layer; extents in elements. */
typedef struct {
  edgec_padded_vfp padded;
  int32_t out_width;
  int32_t pixel; /* from one window to the next */
  int32_t row;   /* from the last window of a row to the next row's first */
  edgec_block_vfp block;
} edgec_conv2d_vfp;

/* edgec_windows_*: `pixels` of output, 4 or more, whole rows, from a tensor without padding, or with it around; of which
   the last block is the last four.
   edgec_conv2d_*_f32: `out_rows` rows, from pointers to all rows of input that their windows span (NULL: a row of padding).
   A sum starts at the bias and takes its products in the order ky, kx, input channel. Padding adds products that are zero: no weight is
   infinite or NaN, and no bias -0. scratch: all rows of input that the windows span, with their padding. */
#define EDGEC_CONV2D_VFP(form)                                                                                     \
  EDGEC_FUNCTION void edgec_windows_##form(const edgec_conv2d_vfp *op, const float *x, int32_t pixels, float *y)   \
  {                                                                                                                \
    const int32_t size = op->pixel * (op->out_width - 1) + op->row;                                                \
    for (int32_t next = 0; next < pixels; next += 4) {                                                             \
      const float *at[4];                                                                                          \
      const int32_t p = next < pixels - 4 ? next : pixels - 4;                                                     \
      const int32_t line = p / op->out_width;                                                                      \
      int32_t column = p - line * op->out_width;                                                                   \
      at[0] = x + ((ptrdiff_t)line * size + column * op->pixel);                                                   \
      for (int32_t i = 1; i < 4; ++i) {                                                                            \
        const int32_t wrap = ++column == op->out_width;                                                            \
        column = wrap ? 0 : column;                                                                                \
        at[i] = at[i - 1] + (wrap ? op->row : op->pixel);                                                          \
      }                                                                                                            \
      edgec_block_4x4_##form(at[0], at[1], at[2], at[3], y + (ptrdiff_t)p * (op->block.out_step / 4), &op->block); \
    }                                                                                                              \
  }                                                                                                                \
                                                                                                                   \
  EDGEC_FUNCTION void edgec_conv2d_##form##_f32(const edgec_conv2d_vfp *op, const int8_t *const *rows,             \
                                                int32_t out_rows, float *y, void *scratch)                         \
  {                                                                                                                \
    edgec_pad_rows_vfp(&op->padded, rows, out_rows, (float *)scratch);                                             \
    edgec_windows_##form(op, (const float *)scratch, out_rows * op->out_width, y);                                 \
  }

EDGEC_CONV2D_VFP(vfp)
EDGEC_CONV2D_VFP(vmla)

#endif
