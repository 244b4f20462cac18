/* Dense layers of several pixels and 2-D convolutions of bytes on Armv7-M: blocks of 6 pixels x 2 channels. */
#ifndef EDGEC_CONV2D_ARMV7M_H
#define EDGEC_CONV2D_ARMV7M_H

#include "edgec/block_armv7m.h"

static const edgec_patch_block edgec_patches_armv7m = {6, 16, edgec_pack_6_armv7m, edgec_block_6x2_armv7m};

typedef struct {
  int32_t in_channels;
  edgec_block_armv7m block;
} edgec_pointwise_armv7m;

/* `pixels`, at least 6; scratch: 16 bytes for each input channel. */
EDGEC_BLOCK_KERNEL void edgec_pointwise_armv7m_i8(const edgec_pointwise_armv7m *op, int32_t pixels, const int8_t *x, int8_t *y,
                                              void *scratch)
{
  edgec_by_pixels(edgec_patches_armv7m, &op->block, pixels, op->in_channels, x, y, op->block.out_step, scratch);
  edgec_narrow_armv7m(y, pixels * op->block.out_step, op->block.low, op->block.high);
}

typedef struct {
  edgec_patches patches;
  edgec_block_armv7m block;
} edgec_conv2d_armv7m;

/* An image's `pixels` of output, at least 6; scratch: 16 bytes for each tap of the window, then 6 for each of a row. */
EDGEC_BLOCK_KERNEL void edgec_conv2d_armv7m_i8(const edgec_conv2d_armv7m *op, int32_t pixels, const int8_t *x, int8_t *y,
                                               void *scratch)
{
  edgec_by_windows(&op->patches, edgec_patches_armv7m, &op->block, pixels, x, y, op->block.out_step, scratch);
  edgec_narrow_armv7m(y, pixels * op->block.out_step, op->block.low, op->block.high);
}

#endif
