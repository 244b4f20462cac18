/* Dense, float32: the same matrix over a run of pixels of any length. Also convolution by a 1x1 window. */
#ifndef EDGEC_DENSE_F32_H
#define EDGEC_DENSE_F32_H

#include "edgec/block_f32.h"

typedef struct {
  int32_t in_channels;
  int32_t out_channels;
  float low; /* clamp of the result */
  float high;
} edgec_dense;

/* All output channels of P pixels: blocks of 4 channels, then the rest one by one. */
#define EDGEC_DENSE_PIXELS(P, SUM4, SUM1)                                                                             \
  EDGEC_INLINE void edgec_dense_##P##_f32(const edgec_dense *op, const float *x, const float *weights,                \
                                          const float *bias, float *y)                                                \
  {                                                                                                                   \
    const int32_t in = op->in_channels;                                                                               \
    const int32_t out = op->out_channels;                                                                             \
    const int32_t whole = out - out % 4;                                                                              \
    for (int32_t o = 0; o < whole; o += 4) {                                                                          \
      SUM4 sum = edgec_begin_##P##x4_f32(bias + o);                                                                   \
      edgec_accumulate_##P##x4_f32(&sum, x, in, weights + (ptrdiff_t)o * in, 4, in);                                  \
      edgec_store_##P##x4_f32(sum, y + o, out, op->low, op->high);                                                    \
    }                                                                                                                 \
    for (int32_t o = whole; o < out; ++o) {                                                                           \
      SUM1 sum = edgec_begin_##P##x1_f32(bias + o);                                                                   \
      edgec_accumulate_##P##x1_f32(&sum, x, in, weights + (ptrdiff_t)o * in, 1, in);                                  \
      edgec_store_##P##x1_f32(sum, y + o, out, op->low, op->high);                                                    \
    }                                                                                                                 \
  }

EDGEC_DENSE_PIXELS(4, edgec_tile_f32, edgec_quad_f32)
EDGEC_DENSE_PIXELS(1, edgec_quad_f32, float)

/* y[p][o] = clamp(bias[o] + sum of x[p][i] * w[o][i]), the sum over i in ascending order, starting at the bias.
   weights: blocks of 4 output channels, each [in][4], then each channel that is left, [in]. */
EDGEC_KERNEL void edgec_dense_f32(const edgec_dense *op, int32_t pixels, const float *x, const float *weights,
                                  const float *bias, float *y)
{
  const int32_t whole = pixels - pixels % 4;
  for (int32_t p = 0; p < whole; p += 4) {
    edgec_dense_4_f32(op, x + (ptrdiff_t)p * op->in_channels, weights, bias, y + (ptrdiff_t)p * op->out_channels);
  }
  for (int32_t p = whole; p < pixels; ++p) {
    edgec_dense_1_f32(op, x + (ptrdiff_t)p * op->in_channels, weights, bias, y + (ptrdiff_t)p * op->out_channels);
  }
}

#endif
