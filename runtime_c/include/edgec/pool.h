/* What the pools have in common. */
#ifndef EDGEC_POOL_H
#define EDGEC_POOL_H

#include "edgec/clamp.h"
#include "edgec/rows.h"
#include "edgec/window.h"

/* One layer; the vertical geometry is with whoever fills the row pointers. */
typedef struct {
  int32_t in_width;
  int32_t channels;
  int32_t out_width;
  int32_t kernel_rows; /* its height, times its depth in 3-D */
  int32_t kernel_width;
  int32_t stride;   /* horizontal */
  int32_t dilation; /* horizontal */
  int32_t pad_left;
} edgec_pool;

/* One row of output from kernel_rows pointers to rows of input (NULL: a row of padding). The window's taps outside,
   in the order row, kx, channels inside: what is gathered stands in the output.
   `out[c]` begins as `begin`; each tap `in[c]` makes it `step`; in the end it is `last`. These may use x, x0 and c. */
#define EDGEC_POOL_ROW(type, begin, step, last)                                                                       \
  for (int32_t x = 0; x < op->out_width; ++x) {                                                                       \
    const int32_t x0 = x * op->stride - op->pad_left;                                                                 \
    const int32_t first = edgec_taps_begin(x0, op->dilation);                                                         \
    const int32_t end = edgec_taps_end(x0, op->dilation, op->kernel_width, op->in_width);                             \
    type *const out = y + (ptrdiff_t)x * op->channels;                                                                \
    for (int32_t c = 0; c < op->channels; ++c) {                                                                      \
      out[c] = (begin);                                                                                               \
    }                                                                                                                 \
    for (int32_t row = 0; row < op->kernel_rows; ++row) {                                                             \
      for (int32_t kx = first; rows[row] != NULL && kx < end; ++kx) {                                                 \
        const type *const in = rows[row] + (ptrdiff_t)(x0 + kx * op->dilation) * op->channels;                        \
        for (int32_t c = 0; c < op->channels; ++c) {                                                                  \
          out[c] = (step);                                                                                            \
        }                                                                                                             \
      }                                                                                                               \
    }                                                                                                                 \
    for (int32_t c = 0; c < op->channels; ++c) {                                                                      \
      out[c] = (last);                                                                                                \
    }                                                                                                                 \
  }

#endif
