/* Deformable convolution: the rows that it sees, its input read between its elements, and what convolves them. */
#ifndef EDGEC_DEFORM_CONV2D_H
#define EDGEC_DEFORM_CONV2D_H

#include "edgec/conv2d_f32.h"
#include "edgec/convolution.h"
#include "edgec/depthwise_f32.h"
#include "edgec/floor.h"

typedef struct {
  int32_t height;
  int32_t width;
  int32_t channels;
  int32_t out_width;
  int32_t kernel_height;
  int32_t kernel_width;
  int32_t stride; /* horizontal */
  int32_t dilation_y;
  int32_t dilation_x;
  int32_t pad_left;
  int32_t offset_groups;
} edgec_deform;

/* For one row of output whose window begins at row `top` of x[H][W][C]: samples[tap][out_width][C], the input at each
   tap's own place, so that what is left is a convolution of that many rows by 1. offset: [out_width][groups][taps][2],
   down and right of the regular place; mask: [out_width][groups][taps] factors, or NULL. Zeros surround x.
   A sample is the sum of its corners, left before right and top before bottom, each x * (vertical weight * horizontal
   weight * mask). */
#define EDGEC_DEFORM_ROWS(suffix, type, wide)                                                                         \
  EDGEC_INLINE void edgec_deform_corner_##suffix(const edgec_deform *op, const type *x, int32_t row, int32_t column,  \
                                                 type weight, int32_t begin, int32_t end, type *y)                    \
  {                                                                                                                   \
    if (row >= 0 && row < op->height && column >= 0 && column < op->width) {                                          \
      const type *const in = x + ((ptrdiff_t)row * op->width + column) * op->channels;                                \
      for (int32_t c = begin; c < end; ++c) {                                                                         \
        y[c] += in[c] * weight;                                                                                       \
      }                                                                                                               \
    }                                                                                                                 \
  }                                                                                                                   \
                                                                                                                      \
  /* Channels begin <= c < end of the sample at (row, column). Beyond a border of one there is nothing to read. */    \
  EDGEC_INLINE void edgec_deform_sample_##suffix(const edgec_deform *op, const type *x, type row, type column,        \
                                                 type mask, int32_t begin, int32_t end, type *y)                      \
  {                                                                                                                   \
    for (int32_t c = begin; c < end; ++c) {                                                                           \
      y[c] = 0;                                                                                                       \
    }                                                                                                                 \
    if (row > -1 && row < (type)op->height && column > -1 && column < (type)op->width) {                              \
      const type top = edgec_floor_scalar_##suffix(row);                                                              \
      const type left = edgec_floor_scalar_##suffix(column);                                                          \
      const type down = row - top;                                                                                    \
      const type right = column - left;                                                                               \
      const int32_t r = (int32_t)top;                                                                                 \
      const int32_t k = (int32_t)left;                                                                                \
      edgec_deform_corner_##suffix(op, x, r, k, (1 - down) * (1 - right) * mask, begin, end, y);                      \
      edgec_deform_corner_##suffix(op, x, r, k + 1, (1 - down) * right * mask, begin, end, y);                        \
      edgec_deform_corner_##suffix(op, x, r + 1, k, down * (1 - right) * mask, begin, end, y);                        \
      edgec_deform_corner_##suffix(op, x, r + 1, k + 1, down * right * mask, begin, end, y);                          \
    }                                                                                                                 \
  }                                                                                                                   \
                                                                                                                      \
  EDGEC_KERNEL void edgec_deform_rows_##suffix(const edgec_deform *op, const type *x, int32_t top,                    \
                                               const type *offset, const type *mask, type *samples)                   \
  {                                                                                                                   \
    const int32_t taps = op->kernel_height * op->kernel_width;                                                        \
    const int32_t channels = op->channels / op->offset_groups;                                                        \
    for (int32_t j = 0; j < op->out_width; ++j) {                                                                     \
      for (int32_t g = 0; g < op->offset_groups; ++g) {                                                               \
        for (int32_t tap = 0; tap < taps; ++tap) {                                                                    \
          const ptrdiff_t place = ((ptrdiff_t)j * op->offset_groups + g) * taps + tap;                                \
          const int32_t row = top + tap / op->kernel_width * op->dilation_y;                                          \
          const int32_t column = j * op->stride - op->pad_left + tap % op->kernel_width * op->dilation_x;             \
          edgec_deform_sample_##suffix(op, x, (type)row + offset[2 * place], (type)column + offset[2 * place + 1],    \
                                       mask != NULL ? mask[place] : 1, g * channels, (g + 1) * channels,              \
                                       samples + ((ptrdiff_t)tap * op->out_width + j) * op->channels);                \
        }                                                                                                             \
      }                                                                                                               \
    }                                                                                                                 \
  }

EDGEC_FOR_FLOATS(EDGEC_DEFORM_ROWS)

#endif
