/* Dense and convolution by a 1x1 window, of halfwords and bytes, with the vectors of Armv8.1-M. */
#ifndef EDGEC_DENSE16_MVE_H
#define EDGEC_DENSE16_MVE_H

#include "edgec/block16_mve.h"

typedef struct {
  int32_t in_channels;
  edgec_block_mve block;
} edgec_dense16_mve;

/* scratch: two pixels, by whole steps, for the last ones, of which a step would read what is behind x; and two results, for a
   pixel that is alone, which is computed twice. */
EDGEC_BLOCK_KERNEL void edgec_pointwise16_mve_i16(const edgec_dense16_mve *op, int32_t pixels, const int16_t *x, int16_t *y,
                                              void *scratch)
{
  const int32_t in = op->in_channels;
  const int32_t out = op->block.out_channels;
  const int32_t taps = op->block.steps * 8;
  int16_t *const copy = (int16_t *)scratch;
  int16_t *const results = copy + 2 * taps;
  int32_t whole = pixels - (taps - in + in - 1) / in;
  if (whole < 2) {
    whole = 0;
  } else {
    edgec_pixels16_mve(&op->block, x, in * 2, y, whole);
  }
  if (pixels == 1) {
    edgec_copy_mve((int8_t *)copy, (const int8_t *)x, in * 2);
    edgec_pixels16_mve(&op->block, copy, 0, results, 2);
    edgec_copy_mve((int8_t *)y, (const int8_t *)results, out * 2);
  }
  for (int32_t next = whole; pixels > 1 && next < pixels; next += 2) {
    const int32_t p = next < pixels - 2 ? next : pixels - 2;
    edgec_copy_mve((int8_t *)copy, (const int8_t *)(x + p * in), in * 2);
    edgec_copy_mve((int8_t *)(copy + taps), (const int8_t *)(x + (p + 1) * in), in * 2);
    edgec_pixels16_mve(&op->block, copy, taps * 2, y + p * out, 2);
  }
  edgec_clamp16_mve(op->block.low, op->block.high, y, pixels * out);
}

#endif
