/* The elements that a window sees, pixel by pixel: patches, from which kernels in assembly compute. */
#ifndef EDGEC_PATCHES_H
#define EDGEC_PATCHES_H

#include "edgec/core.h"

/* A 2-D window over an image of bytes. Extents are in elements. */
typedef struct {
  int32_t height;
  int32_t width;
  int32_t channels;
  int32_t kernel_height;
  int32_t kernel_width;
  int32_t stride_y;
  int32_t stride_x;
  int32_t dilation_y;
  int32_t dilation_x;
  int32_t pad_top;
  int32_t pad_left;
  int32_t out_width;
  int32_t x_zero; /* what padding holds */
} edgec_patches;

/* A row of a window whose first tap is at (y, x), side by side: in the image where it lies there, else in `copy`. */
EDGEC_INLINE const int8_t *edgec_patch_row(const edgec_patches *op, const int8_t *image, int32_t y, int32_t x,
                                           int8_t *copy)
{
  const int8_t *const row = image + y * op->width * op->channels;
  const int32_t inside = y >= 0 && y < op->height;
  if (inside && op->dilation_x == 1 && x >= 0 && x + op->kernel_width <= op->width) {
    return row + x * op->channels;
  }
  int8_t *to = copy;
  for (int32_t kx = 0; kx < op->kernel_width; ++kx, x += op->dilation_x) {
    const int32_t there = inside && x >= 0 && x < op->width;
    for (int32_t c = 0; c < op->channels; ++c) {
      *to++ = (int8_t)(there ? row[x * op->channels + c] : op->x_zero);
    }
  }
  return copy;
}

#endif
