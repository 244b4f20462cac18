/* Depthwise 2-D and 3-D convolution on quantized values: each input channel has its own `multiplier` output
   channels. */
#ifndef EDGEC_DEPTHWISE_QUANTIZED_H
#define EDGEC_DEPTHWISE_QUANTIZED_H

#include "edgec/block_quantized.h"
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
  int32_t x_zero;   /* what padding holds */
  edgec_factors factors;
  edgec_result result;
} edgec_depthwise_quantized;

/* Define kernel edgec_depthwise_<x>_<w>_<sum>_<y>: one row of output from kernel_rows pointers to rows of input
   (NULL: a row of padding). weights: [rows][KW][output channels]. The bias holds what the zero point of x adds where
   all taps lie inside. Blocks are 3 pixels of a channel where all their taps lie inside the row, else a pixel of 4
   channels: each product needs an input of its own. Taps outside are x_zero times their weights. */
#define EDGEC_DEPTHWISE_QUANTIZED(product, x_type, w_type, s, suffix, type)                                           \
  EDGEC_INLINE void edgec_depthwise_3x1_##product##_##suffix(                                                         \
      const edgec_depthwise_quantized *op, const x_type *const *rows, ptrdiff_t first, const w_type *weights,         \
      const edgec_bias_##s *bias, ptrdiff_t channel, type *y)                                                         \
  {                                                                                                                   \
    const ptrdiff_t channels = (ptrdiff_t)op->in_channels * op->multiplier;                                           \
    const ptrdiff_t pixel = (ptrdiff_t)op->stride * op->in_channels;                                                  \
    const ptrdiff_t tap = (ptrdiff_t)op->dilation * op->in_channels;                                                  \
    const w_type *w = weights + channel;                                                                              \
    edgec_sum_##s a = 0;                                                                                              \
    edgec_sum_##s b = 0;                                                                                              \
    edgec_sum_##s c = 0;                                                                                              \
    edgec_sum_##s start = (edgec_sum_##s)bias[channel];                                                               \
    for (int32_t ky = 0; ky < op->kernel_rows; ++ky) {                                                                \
      if (rows[ky] != NULL) {                                                                                         \
        const x_type *const x = rows[ky] + (first + channel / op->multiplier);                                        \
        EDGEC_UNROLL(3)                                                                                               \
        for (int32_t kx = 0; kx < op->kernel_width; ++kx) {                                                           \
          const int32_t k = w[kx * channels];                                                                         \
          a += (edgec_sum_##s)(x[kx * tap] * k);                                                                      \
          b += (edgec_sum_##s)(x[kx * tap + pixel] * k);                                                              \
          c += (edgec_sum_##s)(x[kx * tap + 2 * pixel] * k);                                                          \
        }                                                                                                             \
      } else if (op->x_zero != 0) {                                                                                   \
        for (int32_t kx = 0; kx < op->kernel_width; ++kx) {                                                           \
          start += (edgec_sum_##s)(op->x_zero * w[kx * channels]);                                                    \
        }                                                                                                             \
      }                                                                                                               \
      w += op->kernel_width * channels;                                                                               \
    }                                                                                                                 \
    y[channel] = (type)edgec_code_##s(a + start, &op->factors, &op->result, channel);                                 \
    y[channel + op->out_step] = (type)edgec_code_##s(b + start, &op->factors, &op->result, channel);                  \
    y[channel + 2 * op->out_step] = (type)edgec_code_##s(c + start, &op->factors, &op->result, channel);              \
  }                                                                                                                   \
                                                                                                                      \
  EDGEC_INLINE void edgec_depthwise_1x4_##product##_##suffix(                                                         \
      const edgec_depthwise_quantized *op, const x_type *const *rows, ptrdiff_t first, int32_t begin, int32_t end,    \
      const w_type *weights, const edgec_bias_##s *bias, ptrdiff_t channel, type *y)                                  \
  {                                                                                                                   \
    const ptrdiff_t channels = (ptrdiff_t)op->in_channels * op->multiplier;                                           \
    const ptrdiff_t tap = (ptrdiff_t)op->dilation * op->in_channels;                                                  \
    const ptrdiff_t in = channel / op->multiplier;                                                                    \
    const ptrdiff_t in1 = (channel + 1) / op->multiplier - in;                                                        \
    const ptrdiff_t in2 = (channel + 2) / op->multiplier - in;                                                        \
    const ptrdiff_t in3 = (channel + 3) / op->multiplier - in;                                                        \
    edgec_sums_1x4_##s sum = edgec_begin_1x4_##s(bias + channel);                                                     \
    edgec_totals padding = {0, 0, 0, 0};                                                                              \
    for (int32_t ky = 0; ky < op->kernel_rows; ++ky) {                                                                \
      const w_type *w = weights + (ky * op->kernel_width * channels + channel);                                       \
      const uint32_t inside = rows[ky] == NULL || end < begin ? 0u : (uint32_t)(end - begin);                         \
      for (int32_t kx = 0; kx < op->kernel_width; ++kx) {                                                             \
        if ((uint32_t)(kx - begin) < inside) {                                                                        \
          const x_type *const x = rows[ky] + (first + in + kx * tap);                                                 \
          sum.a += (edgec_sum_##s)(x[0] * w[0]);                                                                      \
          sum.b += (edgec_sum_##s)(x[in1] * w[1]);                                                                    \
          sum.c += (edgec_sum_##s)(x[in2] * w[2]);                                                                    \
          sum.d += (edgec_sum_##s)(x[in3] * w[3]);                                                                    \
        } else if (op->x_zero != 0) {                                                                                 \
          edgec_total_1x4_##product(&padding, w, 1, 1);                                                               \
        }                                                                                                             \
        w += channels;                                                                                                \
      }                                                                                                               \
    }                                                                                                                 \
    edgec_add_1x4_##s(&sum, op->x_zero, &padding);                                                                    \
    edgec_store_1x4_##s##_##suffix(&sum, &op->factors, &op->result, channel, y + channel, 0);                         \
  }                                                                                                                   \
                                                                                                                      \
  EDGEC_INLINE void edgec_depthwise_1x1_##product##_##suffix(                                                         \
      const edgec_depthwise_quantized *op, const x_type *const *rows, ptrdiff_t first, int32_t begin, int32_t end,    \
      const w_type *weights, const edgec_bias_##s *bias, ptrdiff_t channel, type *y)                                  \
  {                                                                                                                   \
    const ptrdiff_t channels = (ptrdiff_t)op->in_channels * op->multiplier;                                           \
    const ptrdiff_t tap = (ptrdiff_t)op->dilation * op->in_channels;                                                  \
    edgec_sum_##s sum = (edgec_sum_##s)bias[channel];                                                                 \
    for (int32_t ky = 0; ky < op->kernel_rows; ++ky) {                                                                \
      for (int32_t kx = 0; kx < op->kernel_width; ++kx) {                                                             \
        const int32_t inside = rows[ky] != NULL && kx >= begin && kx < end;                                           \
        const int32_t x = inside ? rows[ky][first + channel / op->multiplier + kx * tap] : op->x_zero;                \
        sum += (edgec_sum_##s)(x * weights[(ky * op->kernel_width + kx) * channels + channel]);                       \
      }                                                                                                               \
    }                                                                                                                 \
    y[channel] = (type)edgec_code_##s(sum, &op->factors, &op->result, channel);                                       \
  }                                                                                                                   \
                                                                                                                      \
  EDGEC_KERNEL void edgec_depthwise_##product##_##suffix(                                                             \
      const edgec_depthwise_quantized *op, const x_type *const *rows, const w_type *weights,                          \
      const edgec_bias_##s *bias, type *y)                                                                            \
  {                                                                                                                   \
    const int32_t channels = op->in_channels * op->multiplier;                                                        \
    const int32_t span = (op->kernel_width - 1) * op->dilation + 1;                                                   \
    const int32_t inner_begin = edgec_inner_begin(op->stride, op->pad_left);                                          \
    const int32_t inner_end = edgec_inner_end(op->stride, op->pad_left, span, op->in_width, op->out_width);           \
    for (int32_t x = 0; x < op->out_width;) {                                                                         \
      const int32_t x0 = x * op->stride - op->pad_left;                                                               \
      const ptrdiff_t first = (ptrdiff_t)x0 * op->in_channels;                                                        \
      type *const out = y + (ptrdiff_t)x * op->out_step;                                                              \
      if (x >= inner_begin && x + 3 <= inner_end) {                                                                   \
        for (int32_t c = 0; c < channels; ++c) {                                                                      \
          edgec_depthwise_3x1_##product##_##suffix(op, rows, first, weights, bias, c, out);                           \
        }                                                                                                             \
        x += 3;                                                                                                       \
        continue;                                                                                                     \
      }                                                                                                               \
      const int32_t begin = edgec_taps_begin(x0, op->dilation);                                                       \
      const int32_t end = edgec_taps_end(x0, op->dilation, op->kernel_width, op->in_width);                           \
      for (int32_t c = 0; channels >= 4 && c < channels; c += 4) {                                                    \
        edgec_depthwise_1x4_##product##_##suffix(op, rows, first, begin, end, weights, bias,                          \
                                                                     c < channels - 4 ? c : channels - 4, out);       \
      }                                                                                                               \
      for (int32_t c = 0; channels < 4 && c < channels; ++c) {                                                        \
        edgec_depthwise_1x1_##product##_##suffix(op, rows, first, begin, end, weights, bias, c,                       \
                                                                     out);                                            \
      }                                                                                                               \
      x += 1;                                                                                                         \
    }                                                                                                                 \
  }

#define EDGEC_DEPTHWISE_QUANTIZED_RESULTS(product, x_type, w_type, s) \
  EDGEC_TO_QUANTIZED(EDGEC_DEPTHWISE_QUANTIZED, product, x_type, w_type, s)

EDGEC_FOR_WEIGHTED_SUMS(EDGEC_DEPTHWISE_QUANTIZED_RESULTS)

#endif
