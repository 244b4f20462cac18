/* Sums of each channel over pixels that come in parts, as their rows are made, and the codes that become of them. */
#ifndef EDGEC_ACCUMULATE_H
#define EDGEC_ACCUMULATE_H

#include "edgec/quantized.h"

/* Sums begin at `first`, so that zero points don't count. */
typedef struct {
  int32_t channels;
  int32_t first;
  int32_t multiplier;
  int32_t shift;
  edgec_result result;
} edgec_accumulated;

EDGEC_KERNEL void edgec_accumulate_begin(const edgec_accumulated *op, int32_t *sums)
{
  for (int32_t c = 0; c < op->channels; ++c) {
    sums[c] = op->first;
  }
}

/* Add `pixels` to the sums: four channels at a time, whose sums are in registers, then those that are left. */
EDGEC_KERNEL void edgec_accumulate_i8(const edgec_accumulated *op, int32_t pixels, const int8_t *x, int32_t *sums)
{
  const int32_t channels = op->channels;
  const int32_t whole = channels & ~3;
  for (int32_t c = 0; c < whole; c += 4) {
    const int8_t *place = x + c;
    int32_t a = sums[c];
    int32_t b = sums[c + 1];
    int32_t d = sums[c + 2];
    int32_t e = sums[c + 3];
    for (int32_t p = 0; p < pixels; ++p, place += channels) {
      a += place[0];
      b += place[1];
      d += place[2];
      e += place[3];
    }
    sums[c] = a;
    sums[c + 1] = b;
    sums[c + 2] = d;
    sums[c + 3] = e;
  }
  for (int32_t c = whole; c < channels; ++c) {
    int32_t a = sums[c];
    for (int32_t p = 0; p < pixels; ++p) {
      a += x[(ptrdiff_t)p * channels + c];
    }
    sums[c] = a;
  }
}

EDGEC_KERNEL void edgec_accumulate_end_i8(const edgec_accumulated *op, const int32_t *sums, int8_t *y)
{
  for (int32_t c = 0; c < op->channels; ++c) {
    const int32_t rescaled = edgec_rescale_i32(sums[c], op->multiplier, op->shift);
    y[c] = (int8_t)edgec_code(rescaled, op->result.zero_point, op->result.low, op->result.high);
  }
}

#endif
