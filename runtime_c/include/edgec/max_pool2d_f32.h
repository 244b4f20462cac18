/* 2-D max pooling, float32. */
#ifndef EDGEC_MAX_POOL2D_F32_H
#define EDGEC_MAX_POOL2D_F32_H

#include "edgec/max.h"
#include "edgec/rows_f32.h"
#include "edgec/window.h"

/* One layer; the vertical geometry is with whoever fills the row pointers. */
typedef struct {
  int32_t in_width;
  int32_t channels;
  int32_t out_width;
  int32_t kernel_height;
  int32_t kernel_width;
  int32_t stride;   /* horizontal */
  int32_t dilation; /* horizontal */
  int32_t pad_left;
  float low; /* clamp of the result */
  float high;
} edgec_max_pool2d;

/* One row of output from kernel_height pointers to rows of input (NULL: a row of padding, which never wins).
   Taps outside, channels inside: the running maxima stand in the output. */
EDGEC_KERNEL void edgec_max_pool2d_f32(const edgec_max_pool2d *op, const float *const *rows, float *y)
{
  for (int32_t x = 0; x < op->out_width; ++x) {
    const int32_t x0 = x * op->stride - op->pad_left;
    const int32_t begin = edgec_taps_begin(x0, op->dilation);
    const int32_t end = edgec_taps_end(x0, op->dilation, op->kernel_width, op->in_width);
    float *const out = y + (ptrdiff_t)x * op->channels;
    for (int32_t c = 0; c < op->channels; ++c) {
      out[c] = -EDGEC_INFINITY;
    }
    for (int32_t ky = 0; ky < op->kernel_height; ++ky) {
      for (int32_t kx = begin; rows[ky] != NULL && kx < end; ++kx) {
        const float *const in = rows[ky] + (ptrdiff_t)(x0 + kx * op->dilation) * op->channels;
        for (int32_t c = 0; c < op->channels; ++c) {
          out[c] = edgec_max_scalar_f32(out[c], in[c]);
        }
      }
    }
    for (int32_t c = 0; c < op->channels; ++c) {
      out[c] = edgec_clamp_f32(out[c], op->low, op->high);
    }
  }
}

#endif
