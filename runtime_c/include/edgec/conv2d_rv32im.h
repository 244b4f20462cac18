/* Dense layers of several pixels and 2-D convolutions of bytes on RV32IM: blocks of 6 pixels x 2 channels. Where the number
   of pixels is no multiple of 6 the last block is that of the last 6. */
#ifndef EDGEC_CONV2D_RV32IM_H
#define EDGEC_CONV2D_RV32IM_H

#include "edgec/block_rv32im.h"
#include "edgec/patches.h"

typedef struct {
  int32_t in_channels;
  edgec_block_rv32im block;
} edgec_pointwise_rv32im;

/* `pixels`, at least 6, side by side; scratch: 12 bytes for each input channel. */
EDGEC_FUNCTION void edgec_pointwise_rv32im_i8(const edgec_pointwise_rv32im *op, int32_t pixels, const int8_t *x, int8_t *y,
                                              void *scratch)
{
  for (int32_t next = 0; next < pixels; next += 6) {
    const int32_t first = next < pixels - 6 ? next : pixels - 6;
    const int8_t *places[6];
    for (int32_t p = 0; p < 6; ++p) {
      places[p] = x + (first + p) * op->in_channels;
    }
    edgec_pair_6_rv32im(places, op->in_channels, (int32_t *)scratch);
    edgec_block_6x2_rv32im(op->block.stream, (int32_t *)scratch, y + first * op->block.out_step, &op->block);
  }
}

typedef struct {
  edgec_patches patches;
  edgec_block_rv32im block;
} edgec_conv2d_rv32im;

/* An image's `pixels` of output, at least 6; scratch: 12 bytes for each tap of the window, then 6 for each of a row. */
EDGEC_FUNCTION void edgec_conv2d_rv32im_i8(const edgec_conv2d_rv32im *op, int32_t pixels, const int8_t *x, int8_t *y,
                                           void *scratch)
{
  const edgec_patches *const patches = &op->patches;
  const int32_t row = patches->kernel_width * patches->channels;
  int8_t *const copies = (int8_t *)scratch + 12 * patches->kernel_height * row;
  for (int32_t next = 0; next < pixels; next += 6) {
    const int32_t first = next < pixels - 6 ? next : pixels - 6;
    int32_t places[12];
    int32_t at = first % patches->out_width;
    int32_t top = first / patches->out_width * patches->stride_y - patches->pad_top;
    for (int32_t p = 0; p < 6; ++p) {
      places[2 * p] = top;
      places[2 * p + 1] = at * patches->stride_x - patches->pad_left;
      if (++at == patches->out_width) {
        at = 0;
        top += patches->stride_y;
      }
    }
    int32_t *words = (int32_t *)scratch;
    for (int32_t ky = 0; ky < patches->kernel_height; ++ky) {
      const int8_t *pixels_row[6];
      for (int32_t p = 0; p < 6; ++p) {
        pixels_row[p] = edgec_patch_row(patches, x, places[2 * p] + ky * patches->dilation_y, places[2 * p + 1],
                                        copies + p * row);
      }
      words = edgec_pair_6_rv32im(pixels_row, row, words);
    }
    edgec_block_6x2_rv32im(op->block.stream, (int32_t *)scratch, y + first * op->block.out_step, &op->block);
  }
}

#endif
