/* 2-D and 3-D convolution, float32: any window, stride, dilation and groups. A transposed convolution is one for each
   remainder of the output's place by its stride. */
#ifndef EDGEC_CONV2D_F32_H
#define EDGEC_CONV2D_F32_H

#include "edgec/block_f32.h"
#include "edgec/rows.h"
#include "edgec/window.h"

/* One layer. Extents are in elements; the height of the input and the vertical stride, dilation and padding are with
   whoever fills the row pointers. */
typedef struct {
  int32_t in_width;
  int32_t in_channels; /* of all groups */
  int32_t out_width;
  int32_t out_channels; /* of all groups */
  int32_t kernel_rows; /* its height, times its depth in 3-D */
  int32_t kernel_width;
  int32_t stride;   /* horizontal */
  int32_t dilation; /* horizontal */
  int32_t pad_left; /* negative: the first window begins inside */
  int32_t out_step; /* elements from one output to the next: out_channels, more where others are in between */
  int32_t groups;
  float low; /* clamp of the result */
  float high;
} edgec_conv2d;

/* A block of P pixels x C channels over taps begin <= kx < end; `first` is the first pixel's element at kx = 0 in a row.
   Where neighbouring taps lie side by side in memory they are one run: a row of the window at a time. */
#define EDGEC_CONV2D_BLOCK(P, C, SUM)                                                                                 \
  EDGEC_INLINE void edgec_conv2d_##P##x##C##_f32(const edgec_conv2d *op, const float *const *rows, ptrdiff_t first,   \
                                                 int32_t begin, int32_t end, const float *weights,                    \
                                                 const float *bias, float *y)                                         \
  {                                                                                                                   \
    const int32_t depth = op->in_channels / op->groups;                                                               \
    const int32_t merge = op->dilation == 1 && op->groups == 1;                                                       \
    const int32_t runs = begin < end ? (merge ? 1 : end - begin) : 0;                                                 \
    const int32_t count = merge ? (end - begin) * depth : depth;                                                      \
    const ptrdiff_t tap = (ptrdiff_t)op->dilation * op->in_channels;                                                  \
    SUM sum = edgec_begin_##P##x##C##_f32(bias);                                                                      \
    for (int32_t ky = 0; ky < op->kernel_rows; ++ky) {                                                                \
      for (int32_t run = 0; rows[ky] != NULL && run < runs; ++run) {                                                  \
        const float *const x = rows[ky] + (first + (begin + run) * tap);                                              \
        const float *const w = weights + (ptrdiff_t)(ky * op->kernel_width + begin + run) * depth * C;                \
        edgec_accumulate_##P##x##C##_f32(&sum, x, (ptrdiff_t)op->stride * op->in_channels, w, C, count);              \
      }                                                                                                               \
    }                                                                                                                 \
    edgec_store_##P##x##C##_f32(sum, y, op->out_step, op->low, op->high);                                             \
  }

EDGEC_CONV2D_BLOCK(4, 4, edgec_tile_f32)
EDGEC_CONV2D_BLOCK(4, 1, edgec_quad_f32)
EDGEC_CONV2D_BLOCK(1, 4, edgec_quad_f32)
EDGEC_CONV2D_BLOCK(1, 1, float)

/* All output channels of P pixels, the first of them with its window at x0: in each group blocks of 4 channels, then
   the rest one by one. */
#define EDGEC_CONV2D_PIXELS(P)                                                                                        \
  EDGEC_INLINE void edgec_conv2d_##P##_f32(const edgec_conv2d *op, const float *const *rows, int32_t x0,              \
                                           int32_t begin, int32_t end, const float *weights, const float *bias,       \
                                           float *y)                                                                  \
  {                                                                                                                   \
    const int32_t depth = op->in_channels / op->groups;                                                               \
    const int32_t channels = op->out_channels / op->groups;                                                           \
    const ptrdiff_t taps = (ptrdiff_t)op->kernel_rows * op->kernel_width * depth;                                     \
    for (int32_t g = 0; g < op->groups; ++g) {                                                                        \
      const ptrdiff_t first = (ptrdiff_t)x0 * op->in_channels + g * depth;                                            \
      const ptrdiff_t channel = (ptrdiff_t)g * channels;                                                              \
      const int32_t whole = channels - channels % 4;                                                                  \
      for (int32_t o = 0; o < whole; o += 4) {                                                                        \
        const ptrdiff_t c = channel + o;                                                                              \
        edgec_conv2d_##P##x4_f32(op, rows, first, begin, end, weights + c * taps, bias + c, y + c);                   \
      }                                                                                                               \
      for (int32_t o = whole; o < channels; ++o) {                                                                    \
        const ptrdiff_t c = channel + o;                                                                              \
        edgec_conv2d_##P##x1_f32(op, rows, first, begin, end, weights + c * taps, bias + c, y + c);                   \
      }                                                                                                               \
    }                                                                                                                 \
  }

EDGEC_CONV2D_PIXELS(4)
EDGEC_CONV2D_PIXELS(1)

/* One row of output from kernel_rows pointers to rows of input (NULL: a row of padding).
   weights: per group, blocks of 4 output channels, each [KH][KW][in][4], then each channel that is left, [KH][KW][in].
   A sum starts at the bias and takes its products in the order ky, kx, input channel; padding is left out.
   Pixels go by fours where all their taps lie inside the row, else one by one over the taps that do. */
EDGEC_KERNEL void edgec_conv2d_f32(const edgec_conv2d *op, const float *const *rows, const float *weights,
                                   const float *bias, float *y)
{
  const int32_t span = (op->kernel_width - 1) * op->dilation + 1;
  const int32_t inner_begin = edgec_inner_begin(op->stride, op->pad_left);
  const int32_t inner_end = edgec_inner_end(op->stride, op->pad_left, span, op->in_width, op->out_width);
  for (int32_t x = 0; x < op->out_width;) {
    const int32_t x0 = x * op->stride - op->pad_left;
    float *const out = y + (ptrdiff_t)x * op->out_step;
    if (x >= inner_begin && x + 4 <= inner_end) {
      edgec_conv2d_4_f32(op, rows, x0, 0, op->kernel_width, weights, bias, out);
      x += 4;
    } else {
      const int32_t begin = edgec_taps_begin(x0, op->dilation);
      const int32_t end = edgec_taps_end(x0, op->dilation, op->kernel_width, op->in_width);
      edgec_conv2d_1_f32(op, rows, x0, begin, end, weights, bias, out);
      x += 1;
    }
  }
}

#endif
