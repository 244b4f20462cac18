/* Depthwise 2-D convolution, float32: each input channel has its own `multiplier` output channels. */
#ifndef EDGEC_DEPTHWISE_F32_H
#define EDGEC_DEPTHWISE_F32_H

#include "edgec/block_f32.h"
#include "edgec/rows.h"
#include "edgec/window.h"

/* One layer; the vertical geometry is with whoever fills the row pointers. */
typedef struct {
  int32_t in_width;
  int32_t in_channels;
  int32_t multiplier; /* output channels per input channel */
  int32_t out_width;
  int32_t kernel_rows; /* its height, times its depth in 3-D */
  int32_t kernel_width;
  int32_t stride;   /* horizontal */
  int32_t dilation; /* horizontal */
  int32_t pad_left; /* negative: the first window begins inside */
  int32_t out_step; /* elements from one output to the next: all channels, more where others are in between */
  float low; /* clamp of the result */
  float high;
} edgec_depthwise;

/* Blocks are 4 pixels x 2 channels where there are 4 pixels, 1 x 4 for single ones: each product needs an input of its
   own, and with more than 8 inputs at hand compilers run out of registers. */
typedef struct {
  edgec_quad_f32 c0, c1; /* four pixels of two channels */
} edgec_pair_f32;

EDGEC_INLINE edgec_pair_f32 edgec_begin_4x2_f32(const float *bias)
{
  const edgec_pair_f32 sum = {edgec_quad_load_f32(bias, 0), edgec_quad_load_f32(bias + 1, 0)};
  return sum;
}

EDGEC_INLINE void edgec_store_4x2_f32(edgec_pair_f32 sum, float *y, ptrdiff_t pixel, float low, float high)
{
  edgec_quad_store_f32(sum.c0, y, pixel, low, high);
  edgec_quad_store_f32(sum.c1, y + 1, pixel, low, high);
}

/* One tap of a block: sum[p][c] += x[p * pixel + c] * w[c]. */
EDGEC_INLINE void edgec_depthwise_tap_4x2_f32(edgec_pair_f32 *sum, const float *x, ptrdiff_t pixel, const float *w)
{
  edgec_quad_scale_add_f32(&sum->c0, edgec_quad_load_f32(x, pixel), w[0]);
  edgec_quad_scale_add_f32(&sum->c1, edgec_quad_load_f32(x + 1, pixel), w[1]);
}

EDGEC_INLINE void edgec_depthwise_tap_4x1_f32(edgec_quad_f32 *sum, const float *x, ptrdiff_t pixel, const float *w)
{
  edgec_quad_scale_add_f32(sum, edgec_quad_load_f32(x, pixel), w[0]);
}

EDGEC_INLINE void edgec_depthwise_tap_1x4_f32(edgec_quad_f32 *sum, const float *x, ptrdiff_t pixel, const float *w)
{
  (void)pixel;
  edgec_quad_multiply_add_f32(sum, edgec_quad_load_f32(x, 1), edgec_quad_load_f32(w, 1));
}

EDGEC_INLINE void edgec_depthwise_tap_1x1_f32(float *sum, const float *x, ptrdiff_t pixel, const float *w)
{
  (void)pixel;
  *sum += x[0] * w[0];
}

/* A block of P pixels x C channels over taps begin <= kx < end; `first` is the first pixel's element at kx = 0. */
#define EDGEC_DEPTHWISE_BLOCK(P, C, SUM)                                                                              \
  EDGEC_INLINE void edgec_depthwise_##P##x##C##_f32(const edgec_depthwise *op, const float *const *rows,              \
                                                    ptrdiff_t first, int32_t begin, int32_t end,                      \
                                                    const float *weights, const float *bias, float *y)                \
  {                                                                                                                   \
    const ptrdiff_t channels = (ptrdiff_t)op->in_channels * op->multiplier;                                           \
    const ptrdiff_t tap = (ptrdiff_t)op->dilation * op->in_channels;                                                  \
    SUM sum = edgec_begin_##P##x##C##_f32(bias);                                                                      \
    for (int32_t ky = 0; ky < op->kernel_rows; ++ky) {                                                                \
      for (int32_t kx = begin; rows[ky] != NULL && kx < end; ++kx) {                                                  \
        const float *const x = rows[ky] + (first + kx * tap);                                                         \
        const float *const w = weights + (ky * op->kernel_width + kx) * channels;                                     \
        edgec_depthwise_tap_##P##x##C##_f32(&sum, x, (ptrdiff_t)op->stride * op->in_channels, w);                     \
      }                                                                                                               \
    }                                                                                                                 \
    edgec_store_##P##x##C##_f32(sum, y, op->out_step, op->low, op->high);                                             \
  }

EDGEC_DEPTHWISE_BLOCK(4, 2, edgec_pair_f32)
EDGEC_DEPTHWISE_BLOCK(4, 1, edgec_quad_f32)
EDGEC_DEPTHWISE_BLOCK(1, 4, edgec_quad_f32)
EDGEC_DEPTHWISE_BLOCK(1, 1, float)

/* All output channels of P pixels: blocks of C where input and output channels go side by side, then one by one. */
#define EDGEC_DEPTHWISE_PIXELS(P, C)                                                                                  \
  EDGEC_INLINE void edgec_depthwise_##P##_f32(const edgec_depthwise *op, const float *const *rows, int32_t x0,        \
                                              int32_t begin, int32_t end, const float *weights, const float *bias,    \
                                              float *y)                                                               \
  {                                                                                                                   \
    const int32_t channels = op->in_channels * op->multiplier;                                                        \
    const int32_t whole = op->multiplier == 1 ? channels - channels % C : 0;                                          \
    const ptrdiff_t first = (ptrdiff_t)x0 * op->in_channels;                                                          \
    for (int32_t c = 0; c < whole; c += C) {                                                                          \
      edgec_depthwise_##P##x##C##_f32(op, rows, first + c, begin, end, weights + c, bias + c, y + c);                 \
    }                                                                                                                 \
    for (int32_t c = whole; c < channels; ++c) {                                                                      \
      const ptrdiff_t in = first + c / op->multiplier;                                                                \
      edgec_depthwise_##P##x1_f32(op, rows, in, begin, end, weights + c, bias + c, y + c);                            \
    }                                                                                                                 \
  }

EDGEC_DEPTHWISE_PIXELS(4, 2)
EDGEC_DEPTHWISE_PIXELS(1, 4)

/* One row of output from kernel_rows pointers to rows of input (NULL: a row of padding).
   weights: [KH][KW][output channels]. A sum starts at the bias and takes its products in the order ky, kx; padding is
   left out. Pixels go by fours where all their taps lie inside the row, else one by one over the taps that do. */
EDGEC_KERNEL void edgec_depthwise_f32(const edgec_depthwise *op, const float *const *rows, const float *weights,
                                      const float *bias, float *y)
{
  const int32_t span = (op->kernel_width - 1) * op->dilation + 1;
  const int32_t inner_begin = edgec_inner_begin(op->stride, op->pad_left);
  const int32_t inner_end = edgec_inner_end(op->stride, op->pad_left, span, op->in_width, op->out_width);
  for (int32_t x = 0; x < op->out_width;) {
    const int32_t x0 = x * op->stride - op->pad_left;
    float *const out = y + (ptrdiff_t)x * op->out_step;
    if (x >= inner_begin && x + 4 <= inner_end) {
      edgec_depthwise_4_f32(op, rows, x0, 0, op->kernel_width, weights, bias, out);
      x += 4;
    } else {
      const int32_t begin = edgec_taps_begin(x0, op->dilation);
      const int32_t end = edgec_taps_end(x0, op->dilation, op->kernel_width, op->in_width);
      edgec_depthwise_1_f32(op, rows, x0, begin, end, weights, bias, out);
      x += 1;
    }
  }
}

#endif
