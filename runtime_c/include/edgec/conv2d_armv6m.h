/* Dense layers of several pixels and 2-D convolutions of bytes on Armv6-M: blocks of 6 pixels. */
#ifndef EDGEC_CONV2D_ARMV6M_H
#define EDGEC_CONV2D_ARMV6M_H

#include "edgec/block_armv6m.h"

static const edgec_patch_block edgec_patches_armv6m = {6, 16, edgec_pack_6_armv6m, edgec_block_6_armv6m};

typedef struct {
  int32_t in_channels;
  edgec_block_armv6m block;
} edgec_pointwise_armv6m;

/* `pixels`, at least 6; scratch: 16 bytes for each input channel and for each segment. */
EDGEC_BLOCK_KERNEL void edgec_pointwise_armv6m_i8(const edgec_pointwise_armv6m *op, int32_t pixels, const int8_t *x, int8_t *y,
                                                  void *scratch)
{
  edgec_by_pixels(edgec_patches_armv6m, &op->block, pixels, op->in_channels, x, y, op->block.out_step, scratch);
}

typedef struct {
  edgec_patches patches;
  edgec_block_armv6m block;
} edgec_conv2d_armv6m;

/* An image's `pixels` of output, at least 6; scratch: 16 bytes for each tap of the window, then 6 for each of a row, or 16 for
   each segment, whichever is more. */
EDGEC_BLOCK_KERNEL void edgec_conv2d_armv6m_i8(const edgec_conv2d_armv6m *op, int32_t pixels, const int8_t *x, int8_t *y,
                                               void *scratch)
{
  edgec_by_windows(&op->patches, edgec_patches_armv6m, &op->block, pixels, x, y, op->block.out_step, scratch);
}

#endif
