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

/* edgec_windows_*: `pixels` of output, whole rows, from a tensor without padding, or with it around.
   edgec_conv2d_*_f32: `out_rows` rows, from pointers to all rows of input that their windows span (NULL: a row of padding).
   A sum starts at the bias and takes its products in the order ky, kx, input channel. Padding adds products that are zero:
   no weight is infinite or NaN, and no bias -0. scratch: these rows with their padding. */
#define EDGEC_CONV2D_VFP(form)                                                                                   \
  EDGEC_FUNCTION void edgec_windows_##form(const edgec_conv2d_vfp *op, const float *x, int32_t pixels, float *y) \
  {                                                                                                              \
    const int32_t out = op->block.out_step / 4;                                                                  \
    int32_t left = op->out_width;                                                                                \
    ptrdiff_t place = 0;                                                                                         \
    while (pixels > 0) {                                                                                         \
      const float *at[4];                                                                                        \
      const int32_t count = pixels < 4 ? pixels : 4;                                                             \
      for (int32_t i = 0; i < count; ++i) {                                                                      \
        at[i] = x + place;                                                                                       \
        place += --left > 0 ? op->pixel : op->row;                                                               \
        left = left > 0 ? left : op->out_width;                                                                  \
      }                                                                                                          \
      if (count == 4) {                                                                                          \
        edgec_block_4x4_##form(at[0], at[1], at[2], at[3], y, &op->block);                                       \
      } else {                                                                                                   \
        for (int32_t i = 0; i < count; ++i) {                                                                    \
          edgec_block_1x8_##form(at[i], y + i * out, &op->block);                                                \
        }                                                                                                        \
      }                                                                                                          \
      pixels -= count;                                                                                           \
      y += 4 * out;                                                                                              \
    }                                                                                                            \
  }                                                                                                              \
                                                                                                                 \
  EDGEC_FUNCTION void edgec_conv2d_##form##_f32(const edgec_conv2d_vfp *op, const int8_t *const *rows,           \
                                                int32_t out_rows, float *y, void *scratch)                       \
  {                                                                                                              \
    edgec_pad_rows_vfp(&op->padded, rows, out_rows, (float *)scratch);                                           \
    edgec_windows_##form(op, (const float *)scratch, out_rows * op->out_width, y);                               \
  }

EDGEC_CONV2D_VFP(vfp)
EDGEC_CONV2D_VFP(vmla)

#endif
