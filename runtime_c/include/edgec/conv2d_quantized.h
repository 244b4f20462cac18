/* 2-D and 3-D convolution on quantized values: any window, stride, dilation and groups. A transposed convolution is one
   for each remainder of the output's place by its stride. */
#ifndef EDGEC_CONV2D_QUANTIZED_H
#define EDGEC_CONV2D_QUANTIZED_H

#include "edgec/block_quantized.h"
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
  int32_t x_zero; /* what padding holds */
  edgec_factors factors;
  edgec_result result;
} edgec_conv2d_quantized;

/* A block of P pixels x C channels, of which taps begin <= kx < end lie inside; `first` is the first pixel's element
   at kx = 0 in a row, `channel` counts the output channels. Taps outside are x_zero times their weights. Where
   neighbouring taps lie side by side in memory they are one run: a row of the window at a time. */
#define EDGEC_CONV2D_QUANTIZED_BLOCK(P, C, product, x_type, w_type, s, suffix, type)                                  \
  EDGEC_INLINE void edgec_conv2d_##P##x##C##_##product##_##suffix(                                                    \
      const edgec_conv2d_quantized *op, const x_type *const *rows, ptrdiff_t first, int32_t begin, int32_t end,       \
      const w_type *weights, const edgec_bias_##s *bias, ptrdiff_t channel, type *y)                                  \
  {                                                                                                                   \
    const int32_t depth = op->in_channels / op->groups;                                                               \
    const int32_t row = op->kernel_width * depth;                                                                     \
    const ptrdiff_t taps = (ptrdiff_t)op->kernel_rows * row;                                                          \
    const int32_t merge = op->dilation == 1 && op->groups == 1;                                                       \
    const int32_t runs = merge ? 1 : end - begin;                                                                     \
    const int32_t count = merge ? (end - begin) * depth : depth;                                                      \
    const ptrdiff_t tap = (ptrdiff_t)op->dilation * op->in_channels;                                                  \
    edgec_sums_##P##x##C##_##s sum = edgec_begin_##P##x##C##_##s(bias + channel);                                     \
    edgec_totals padding = {0, 0, 0, 0};                                                                              \
    for (int32_t ky = 0; ky < op->kernel_rows; ++ky) {                                                                \
      const w_type *const w = weights + (channel * taps + (ptrdiff_t)ky * row);                                       \
      if (op->x_zero != 0) {                                                                                          \
        const int32_t left = (rows[ky] == NULL ? op->kernel_width : begin) * depth;                                   \
        const int32_t right = (rows[ky] == NULL ? op->kernel_width : end) * depth;                                    \
        edgec_total_##P##x##C##_##product(&padding, w, taps, left);                                                   \
        edgec_total_##P##x##C##_##product(&padding, w + right, taps, row - right);                                    \
      }                                                                                                               \
      for (int32_t run = 0; rows[ky] != NULL && run < runs; ++run) {                                                  \
        const x_type *const x = rows[ky] + (first + (begin + run) * tap);                                             \
        edgec_accumulate_##P##x##C##_##product(&sum, x, (ptrdiff_t)op->stride * op->in_channels, 0,                   \
                                                                   w + (begin + run) * depth, taps, 1, 0, count);     \
      }                                                                                                               \
    }                                                                                                                 \
    edgec_add_##P##x##C##_##s(&sum, op->x_zero, &padding);                                                            \
    edgec_store_##P##x##C##_##s##_##suffix(&sum, &op->factors, &op->result, channel, y + channel, op->out_step);      \
  }

/* Define kernel edgec_conv2d_<x>_<w>_<sum>_<y>: one row of output from kernel_rows pointers to rows of input (NULL:
   a row of padding). weights: [O][rows][KW][in]. The bias holds what the zero point of x adds where all taps lie
   inside. Pixels go by threes where all their taps lie inside the row, else one by one. */
#define EDGEC_CONV2D_QUANTIZED(product, x_type, w_type, s, suffix, type)                                              \
  EDGEC_CONV2D_QUANTIZED_BLOCK(3, 2, product, x_type, w_type, s, suffix, type)                                        \
  EDGEC_CONV2D_QUANTIZED_BLOCK(1, 4, product, x_type, w_type, s, suffix, type)                                        \
  EDGEC_CONV2D_QUANTIZED_BLOCK(1, 1, product, x_type, w_type, s, suffix, type)                                        \
                                                                                                                      \
  EDGEC_INLINE void edgec_conv2d_pixel_##product##_##suffix(                                                          \
      const edgec_conv2d_quantized *op, const x_type *const *rows, int32_t x0, const w_type *weights,                 \
      const edgec_bias_##s *bias, type *y)                                                                            \
  {                                                                                                                   \
    const int32_t depth = op->in_channels / op->groups;                                                               \
    const int32_t channels = op->out_channels / op->groups;                                                           \
    const int32_t left = edgec_taps_begin(x0, op->dilation);                                                          \
    const int32_t right = edgec_taps_end(x0, op->dilation, op->kernel_width, op->in_width);                           \
    const int32_t begin = left < right ? left : op->kernel_width;                                                     \
    const int32_t end = left < right ? right : op->kernel_width;                                                      \
    for (int32_t g = 0; g < op->groups; ++g) {                                                                        \
      const ptrdiff_t first = (ptrdiff_t)x0 * op->in_channels + g * depth;                                            \
      const ptrdiff_t channel = (ptrdiff_t)g * channels;                                                              \
      for (int32_t o = 0; channels >= 4 && o < channels; o += 4) {                                                    \
        edgec_conv2d_1x4_##product##_##suffix(                                                                        \
            op, rows, first, begin, end, weights, bias, channel + (o < channels - 4 ? o : channels - 4), y);          \
      }                                                                                                               \
      for (int32_t o = 0; channels < 4 && o < channels; ++o) {                                                        \
        edgec_conv2d_1x1_##product##_##suffix(op, rows, first, begin, end, weights, bias,                             \
                                                                  channel + o, y);                                    \
      }                                                                                                               \
    }                                                                                                                 \
  }                                                                                                                   \
                                                                                                                      \
  EDGEC_KERNEL void edgec_conv2d_##product##_##suffix(                                                                \
      const edgec_conv2d_quantized *op, const x_type *const *rows, const w_type *weights, const edgec_bias_##s *bias, \
      type *y)                                                                                                        \
  {                                                                                                                   \
    const int32_t depth = op->in_channels / op->groups;                                                               \
    const int32_t channels = op->out_channels / op->groups;                                                           \
    const int32_t span = (op->kernel_width - 1) * op->dilation + 1;                                                   \
    const int32_t inner_begin = edgec_inner_begin(op->stride, op->pad_left);                                          \
    const int32_t inner_end = edgec_inner_end(op->stride, op->pad_left, span, op->in_width, op->out_width);           \
    for (int32_t x = 0; x < op->out_width;) {                                                                         \
      const int32_t x0 = x * op->stride - op->pad_left;                                                               \
      type *const out = y + (ptrdiff_t)x * op->out_step;                                                              \
      if (channels < 2 || x < inner_begin || x + 3 > inner_end) {                                                     \
        edgec_conv2d_pixel_##product##_##suffix(op, rows, x0, weights, bias, out);                                    \
        x += 1;                                                                                                       \
        continue;                                                                                                     \
      }                                                                                                               \
      for (int32_t g = 0; g < op->groups; ++g) {                                                                      \
        const ptrdiff_t first = (ptrdiff_t)x0 * op->in_channels + g * depth;                                          \
        const ptrdiff_t channel = (ptrdiff_t)g * channels;                                                            \
        for (int32_t o = 0; o < channels; o += 2) {                                                                   \
          edgec_conv2d_3x2_##product##_##suffix(                                                                      \
              op, rows, first, 0, op->kernel_width, weights, bias,                                                    \
              channel + (o < channels - 2 ? o : channels - 2), out);                                                  \
        }                                                                                                             \
      }                                                                                                               \
      x += 3;                                                                                                         \
    }                                                                                                                 \
  }

#define EDGEC_CONV2D_QUANTIZED_RESULTS(product, x_type, w_type, s) \
  EDGEC_TO_QUANTIZED(EDGEC_CONV2D_QUANTIZED, product, x_type, w_type, s)

EDGEC_FOR_WEIGHTED_SUMS(EDGEC_CONV2D_QUANTIZED_RESULTS)

#endif
