/* Convolution for all floats, by weights as the graph holds them: for those that are computed, and for float64. */
#ifndef EDGEC_CONVOLUTION_H
#define EDGEC_CONVOLUTION_H

#include "edgec/clamp.h"
#include "edgec/rows.h"
#include "edgec/window.h"

/* One layer; the vertical geometry is with whoever fills the row pointers. */
typedef struct {
  int32_t in_width;
  int32_t in_channels; /* of all groups */
  int32_t out_width;
  int32_t out_channels; /* of all groups */
  int32_t kernel_rows;  /* its height, times its depth in 3-D */
  int32_t kernel_width;
  int32_t stride;   /* horizontal */
  int32_t dilation; /* horizontal */
  int32_t pad_left; /* negative: the first window begins inside */
  int32_t out_step; /* elements from one output to the next */
  int32_t groups;
  int32_t tap_step;     /* elements from the weights of one tap to those of the next, negative if they are reversed */
  int32_t row_step;     /* from one row of the window to the next */
  int32_t channel_step; /* from one output channel to the next */
} edgec_convolution;

/* One row of output from kernel_rows pointers to rows of input (NULL: a row of padding).
   weights: [O][rows][KW][in], KW being walked by tap_step. A sum starts at the bias and takes its products in the order
   row, kx, input channel; padding is left out. */
#define EDGEC_CONVOLUTION(suffix, type, wide)                                                                         \
  EDGEC_KERNEL void edgec_convolution_##suffix(const edgec_convolution *op, type low, type high,                      \
                                               const type *const *rows, const type *weights, const type *bias,        \
                                               type *y)                                                               \
  {                                                                                                                   \
    const int32_t depth = op->in_channels / op->groups;                                                               \
    const int32_t channels = op->out_channels / op->groups;                                                           \
    for (int32_t x = 0; x < op->out_width; ++x) {                                                                     \
      const int32_t x0 = x * op->stride - op->pad_left;                                                               \
      const int32_t begin = edgec_taps_begin(x0, op->dilation);                                                       \
      const int32_t end = edgec_taps_end(x0, op->dilation, op->kernel_width, op->in_width);                           \
      for (int32_t o = 0; o < op->out_channels; ++o) {                                                                \
        type sum = bias[o];                                                                                           \
        for (int32_t row = 0; row < op->kernel_rows; ++row) {                                                         \
          for (int32_t kx = begin; rows[row] != NULL && kx < end; ++kx) {                                             \
            const ptrdiff_t place = (ptrdiff_t)(x0 + kx * op->dilation) * op->in_channels;                            \
            const type *const in = rows[row] + (place + o / channels * depth);                                        \
            const type *const w =                                                                                     \
                weights + ((ptrdiff_t)o * op->channel_step + (ptrdiff_t)row * op->row_step + kx * op->tap_step);      \
            for (int32_t i = 0; i < depth; ++i) {                                                                     \
              sum += in[i] * w[i];                                                                                    \
            }                                                                                                         \
          }                                                                                                           \
        }                                                                                                             \
        y[(ptrdiff_t)x * op->out_step + o] = edgec_clamp_##suffix(sum, low, high);                                    \
      }                                                                                                               \
    }                                                                                                                 \
  }

EDGEC_FOR_FLOATS(EDGEC_CONVOLUTION)

#endif
