/* Rows of float32 with their padding in scratch, for hosts: so that every window is whole. */
#ifndef EDGEC_PAD_F32_H
#define EDGEC_PAD_F32_H

#include "edgec/lanes_f32.h"

/* In elements. */
typedef struct {
  int32_t height; /* rows of an image */
  int32_t row;    /* of the image, from one to the next */
  int32_t skip;   /* at the beginning of a row, that no window reaches */
  int32_t before; /* zeros */
  int32_t count;  /* that are taken */
  int32_t behind; /* zeros */
} edgec_pad;

EDGEC_INLINE void edgec_lanes_copy(float *y, const float *x, int32_t count)
{
  int32_t i = 0;
  for (; i + EDGEC_LANES <= count; i += EDGEC_LANES) {
    edgec_lanes_store(y + i, edgec_lanes_load(x + i));
  }
  if (i < count) {
    edgec_lanes_store_some(y + i, edgec_lanes_load_some(x + i, count - i, 0.0f), count - i);
  }
}

EDGEC_INLINE void edgec_lanes_fill(float *y, float x, int32_t count)
{
  int32_t i = 0;
  for (; i + EDGEC_LANES <= count; i += EDGEC_LANES) {
    edgec_lanes_store(y + i, edgec_lanes_all(x));
  }
  if (i < count) {
    edgec_lanes_store_some(y + i, edgec_lanes_all(x), count - i);
  }
}

/* y: `count` rows of the image from `first` on, which may be outside, each with its padding. */
EDGEC_KERNEL void EDGEC_LANES_KERNEL(pad)(const edgec_pad *op, int32_t first, int32_t count, const float *x, float *y)
{
  for (int32_t i = first; i < first + count; ++i) {
    if (i < 0 || i >= op->height) {
      edgec_lanes_fill(y, 0.0f, op->before + op->count + op->behind);
    } else {
      edgec_lanes_fill(y, 0.0f, op->before);
      edgec_lanes_copy(y + op->before, x + (ptrdiff_t)i * op->row + op->skip, op->count);
      edgec_lanes_fill(y + op->before + op->count, 0.0f, op->behind);
    }
    y += op->before + op->count + op->behind;
  }
}

#endif
