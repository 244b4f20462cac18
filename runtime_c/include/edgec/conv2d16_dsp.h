/* 2-D convolution of 16 bits by bytes with the DSP extension: as of bytes, but rows are copied as they are. */
#ifndef EDGEC_CONV2D16_DSP_H
#define EDGEC_CONV2D16_DSP_H

#include "edgec/block16_dsp.h"
#include "edgec/conv2d_dsp.h"

/* What edgec_conv2d_dsp_i8 does, with op->block.out_step in bytes. */
EDGEC_BLOCK_KERNEL void edgec_conv2d16_dsp_i16(const edgec_conv2d_dsp *op, const int8_t *const *rows, int32_t out_rows,
                                               int16_t *y, void *scratch)
{
  int16_t *const patches = (int16_t *)scratch;
  int16_t *const lines = patches + 12 * op->block.groups * op->blocks;
  const int32_t pixels = out_rows * op->out_width;
  int16_t *line = lines;
  for (int32_t count = (out_rows - 1) * op->stride + op->rows; count > 0; --count, ++rows, line += op->pitch) {
    if (*rows == NULL) {
      edgec_fill_dsp(line, op->pitch, op->x_zero);
    } else {
      edgec_fill_dsp(line, op->before, op->x_zero);
      edgec_copy16_dsp((const int16_t *)(const void *)*rows + op->first, line + op->before, op->count);
      edgec_fill_dsp(line + op->before + op->count, op->behind, op->x_zero);
    }
  }
  edgec_conv2d_blocks_dsp(op, lines, patches, pixels, (int8_t *)y);
  edgec_clamp16_dsp(op->block.low, op->block.high, y, pixels * (op->block.out_step / 2));
}

#endif
