/* Dense layers of several pixels and 2-D convolutions of bytes on RV32IM: blocks of 6 pixels x 4 channels. */
#ifndef EDGEC_CONV2D_RV32IM_H
#define EDGEC_CONV2D_RV32IM_H

#include "edgec/block_rv32im.h"

static const edgec_patch_block edgec_patches_rv32im = {6, 16, edgec_pack_6_rv32im, edgec_block_6x4_rv32im};

typedef struct {
  int32_t in_channels;
  edgec_block_rv32im block;
} edgec_pointwise_rv32im;

/* `pixels`, at least 6; scratch: 16 bytes for each input channel. */
EDGEC_BLOCK_KERNEL void edgec_pointwise_rv32im_i8(const edgec_pointwise_rv32im *op, int32_t pixels, const int8_t *x, int8_t *y,
                                              void *scratch)
{
  edgec_by_pixels(edgec_patches_rv32im, &op->block, pixels, op->in_channels, x, y, op->block.out_step, scratch);
}

typedef struct {
  edgec_patches patches;
  edgec_block_rv32im block;
} edgec_conv2d_rv32im;

/* An image's `pixels` of output, at least 6; scratch: 16 bytes for each tap of the window, then 6 for each of a row. */
EDGEC_BLOCK_KERNEL void edgec_conv2d_rv32im_i8(const edgec_conv2d_rv32im *op, int32_t pixels, const int8_t *x, int8_t *y,
                                               void *scratch)
{
  edgec_by_windows(&op->patches, edgec_patches_rv32im, &op->block, pixels, x, y, op->block.out_step, scratch);
}

#endif
