/* General 2-D convolution, float32: any kernel, stride, dilation and groups. */
#ifndef EDGEC_CONV2D_F32_H
#define EDGEC_CONV2D_F32_H

#include "edgec/core.h"

/* One layer. Extents are in elements; the height of the input and the vertical stride, dilation and padding are with
   whoever fills the row pointers. */
typedef struct {
  int32_t in_width;
  int32_t in_channels; /* of all groups */
  int32_t out_width;
  int32_t out_channels; /* of all groups */
  int32_t kernel_height;
  int32_t kernel_width;
  int32_t stride;   /* horizontal */
  int32_t dilation; /* horizontal */
  int32_t pad_left;
  int32_t groups;
  float low; /* clamp of the result */
  float high;
} edgec_conv2d;

/* Channels of output computed at a time; weights of one block stand together. */
#define EDGEC_CONV2D_BLOCK 4

/* One block of `lanes` (at most EDGEC_CONV2D_BLOCK) output channels of one pixel. */
EDGEC_KERNEL void edgec_conv2d_block_f32(const edgec_conv2d *op, const float *const *rows, const float *weights,
                                         const float *bias, float *out, int32_t x0, int32_t first_channel,
                                         int32_t lanes)
{
  const int32_t depth = op->in_channels / op->groups;
  float sum[EDGEC_CONV2D_BLOCK];
  for (int32_t o = 0; o < lanes; ++o) {
    sum[o] = bias[o];
  }
  for (int32_t ky = 0; ky < op->kernel_height; ++ky) {
    const float *const row = rows[ky];
    if (row == NULL) {
      continue;
    }
    for (int32_t kx = 0; kx < op->kernel_width; ++kx) {
      const int32_t x = x0 + kx * op->dilation;
      if (x < 0 || x >= op->in_width) {
        continue;
      }
      const float *const in = row + (ptrdiff_t)x * op->in_channels + first_channel;
      const float *const w = weights + (ptrdiff_t)(ky * op->kernel_width + kx) * depth * lanes;
      for (int32_t i = 0; i < depth; ++i) {
        for (int32_t o = 0; o < lanes; ++o) {
          sum[o] += in[i] * w[i * lanes + o];
        }
      }
    }
  }
  for (int32_t o = 0; o < lanes; ++o) {
    out[o] = edgec_clamp_f32(sum[o], op->low, op->high);
  }
}

/* One row of output from kernel_height pointers to rows of input (NULL: a row of padding).
   weights: per group, blocks of 4 output channels (the last one narrower), each [KH][KW][I / groups][channels of block].
   Sums run over ky, kx, input channel in that order, starting at the bias: the same on every target. */
EDGEC_KERNEL void edgec_conv2d_f32(const edgec_conv2d *op, const float *const *rows, const float *weights,
                                   const float *bias, float *out)
{
  const int32_t depth = op->in_channels / op->groups;
  const int32_t group_channels = op->out_channels / op->groups;
  const int32_t whole = group_channels - group_channels % EDGEC_CONV2D_BLOCK;
  const int32_t taps = op->kernel_height * op->kernel_width * depth;
  for (int32_t x = 0; x < op->out_width; ++x) {
    const int32_t x0 = x * op->stride - op->pad_left;
    const float *w = weights;
    const float *b = bias;
    for (int32_t g = 0; g < op->groups; ++g) {
      for (int32_t o = 0; o < whole; o += EDGEC_CONV2D_BLOCK) {
        edgec_conv2d_block_f32(op, rows, w, b, out, x0, g * depth, EDGEC_CONV2D_BLOCK);
        w += (ptrdiff_t)taps * EDGEC_CONV2D_BLOCK;
        b += EDGEC_CONV2D_BLOCK;
        out += EDGEC_CONV2D_BLOCK;
      }
      if (whole < group_channels) {
        edgec_conv2d_block_f32(op, rows, w, b, out, x0, g * depth, group_channels - whole);
        w += (ptrdiff_t)taps * (group_channels - whole);
        b += group_channels - whole;
        out += group_channels - whole;
      }
    }
  }
}

#endif
