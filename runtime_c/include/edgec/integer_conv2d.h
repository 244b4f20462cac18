/* 2-D convolution of bytes that stand for other numbers, by weights as the graph holds them. */
#ifndef EDGEC_INTEGER_CONV2D_H
#define EDGEC_INTEGER_CONV2D_H

#include "edgec/integer_sums.h"
#include "edgec/rows.h"
#include "edgec/window.h"

/* One layer; the vertical geometry is with whoever fills the row pointers. */
typedef struct {
  int32_t in_width;
  int32_t in_channels; /* of all groups */
  int32_t out_width;
  int32_t out_channels; /* of all groups */
  int32_t kernel_rows;
  int32_t kernel_width;
  int32_t stride;   /* horizontal */
  int32_t dilation; /* horizontal */
  int32_t pad_left;
  int32_t groups;
  int32_t w_zero_step; /* 1: one for each output channel, 0: one for all */
  int32_t scale_step;
} edgec_integer_conv2d;

/* Define kernel edgec_integer_conv2d_<x>_<w>_<y>: one row of output from kernel_rows pointers to rows of input (NULL: a
   row of padding, which is x_zero, and adds nothing). weights: [O][rows][KW][in]. The bias and zero points may be NULL,
   which is 0; the scale is NULL for i32. Output channels of a group go by fours. */
#define EDGEC_INTEGER_CONV2D(x_suffix, x_type, w_suffix, w_type, suffix, type)                                        \
  EDGEC_INLINE void edgec_integer_conv2d_channels_##x_suffix##_##w_suffix##_##suffix(                                 \
      const edgec_integer_conv2d *op, const x_type *const *rows, int32_t x, int32_t group, int32_t o, int32_t width,  \
      const w_type *weights, const int32_t *bias, int32_t x_zero, const w_type *w_zero, const float *scale,           \
      const type *zero_point, type *y)                                                                                \
  {                                                                                                                   \
    const int32_t depth = op->in_channels / op->groups;                                                               \
    const int32_t x0 = x * op->stride - op->pad_left;                                                                 \
    const int32_t begin = edgec_taps_begin(x0, op->dilation);                                                         \
    const int32_t end = edgec_taps_end(x0, op->dilation, op->kernel_width, op->in_width);                             \
    const ptrdiff_t taps = (ptrdiff_t)op->kernel_rows * op->kernel_width * depth;                                     \
    uint32_t sum[4] = {0, 0, 0, 0};                                                                                   \
    int32_t zeros[4] = {0, 0, 0, 0};                                                                                  \
    for (int32_t c = 0; c < width; ++c) {                                                                             \
      sum[c] = bias == NULL ? 0 : (uint32_t)bias[o + c];                                                              \
      zeros[c] = w_zero == NULL ? 0 : w_zero[(o + c) * op->w_zero_step];                                              \
    }                                                                                                                 \
    for (int32_t row = 0; row < op->kernel_rows; ++row) {                                                             \
      for (int32_t kx = begin; rows[row] != NULL && kx < end; ++kx) {                                                 \
        const ptrdiff_t place = (ptrdiff_t)(x0 + kx * op->dilation) * op->in_channels + group * depth;                \
        const ptrdiff_t tap = (ptrdiff_t)(row * op->kernel_width + kx) * depth;                                       \
        edgec_accumulate_##x_suffix##_##w_suffix(sum, width, rows[row] + place, x_zero, weights + o * taps + tap, 1,  \
                                                 taps, zeros, depth);                                                 \
      }                                                                                                               \
    }                                                                                                                 \
    for (int32_t c = 0; c < width; ++c) {                                                                             \
      const float factor = scale == NULL ? 0.0f : scale[(o + c) * op->scale_step];                                    \
      y[(ptrdiff_t)x * op->out_channels + o + c] =                                                                    \
          edgec_result_##suffix(sum[c], factor, zero_point == NULL ? 0 : *zero_point);                                \
    }                                                                                                                 \
  }                                                                                                                   \
                                                                                                                      \
  EDGEC_KERNEL void edgec_integer_conv2d_##x_suffix##_##w_suffix##_##suffix(                                          \
      const edgec_integer_conv2d *op, const x_type *const *rows, const w_type *weights, const int32_t *bias,          \
      const x_type *x_zero, const w_type *w_zero, const float *scale, const type *zero_point, type *y)                \
  {                                                                                                                   \
    const int32_t channels = op->out_channels / op->groups;                                                           \
    const int32_t zero = x_zero == NULL ? 0 : *x_zero;                                                                \
    for (int32_t x = 0; x < op->out_width; ++x) {                                                                     \
      for (int32_t g = 0; g < op->groups; ++g) {                                                                      \
        for (int32_t o = 0; o < channels; o += 4) {                                                                   \
          edgec_integer_conv2d_channels_##x_suffix##_##w_suffix##_##suffix(                                           \
              op, rows, x, g, g * channels + o, channels - o < 4 ? channels - o : 4, weights, bias, zero, w_zero,     \
              scale, zero_point, y);                                                                                  \
        }                                                                                                             \
      }                                                                                                               \
    }                                                                                                                 \
  }

EDGEC_FOR_INTEGER_PRODUCTS(EDGEC_INTEGER_CONV2D)

#endif
