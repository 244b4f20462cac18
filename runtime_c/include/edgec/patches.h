/* Convolution by patches: what windows see, some pixels at a time, for blocks in assembly that compute all channels of
   them. Where the number of pixels is no multiple of a block's the last block is that of the last ones. */
#ifndef EDGEC_PATCHES_H
#define EDGEC_PATCHES_H

#include "edgec/core.h"

/* The most pixels of a block. */
#define EDGEC_BLOCK_PIXELS 6

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

/* A family's block: it packs `count` elements of each pixel as words, `bytes` for each, and returns the place behind these;
   and it computes all channels of the pixels from words, `layer` being its own struct. */
typedef struct {
  int32_t pixels;
  int32_t bytes;
  int32_t *(*pack)(const int8_t *const *pixels, int32_t count, int32_t *words);
  void (*compute)(const void *layer, const int32_t *words, int8_t *y);
} edgec_patch_block;

/* `pixels` of `channels` elements, side by side. */
EDGEC_INLINE void edgec_by_pixels(edgec_patch_block block, const void *layer, int32_t pixels, int32_t channels,
                                  const int8_t *x, int8_t *y, int32_t out_step, void *scratch)
{
  for (int32_t next = 0; next < pixels; next += block.pixels) {
    const int32_t first = next < pixels - block.pixels ? next : pixels - block.pixels;
    const int8_t *places[EDGEC_BLOCK_PIXELS];
    const int8_t *place = x + first * channels;
    for (int32_t p = 0; p < block.pixels; ++p, place += channels) {
      places[p] = place;
    }
    block.pack(places, channels, (int32_t *)scratch);
    block.compute(layer, (const int32_t *)scratch, y + first * out_step);
  }
}

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

/* An image's `pixels` of output. The scratch has the words, then room for a row of the window of each pixel. */
EDGEC_INLINE void edgec_by_windows(const edgec_patches *op, edgec_patch_block block, const void *layer, int32_t pixels,
                                   const int8_t *x, int8_t *y, int32_t out_step, void *scratch)
{
  const int32_t row = op->kernel_width * op->channels;
  const int32_t down = op->dilation_y * op->width * op->channels;
  /* The last places of a window that is inside. */
  const int32_t last_y = op->height - ((op->kernel_height - 1) * op->dilation_y + 1);
  const int32_t last_x = op->dilation_x == 1 ? op->width - op->kernel_width : -1;
  int8_t *const copies = (int8_t *)scratch + block.bytes * op->kernel_height * row;
  int32_t column = 0;
  int32_t top = -op->pad_top;
  for (int32_t next = 0; next < pixels; next += block.pixels) {
    int32_t first = next;
    if (first > pixels - block.pixels) {
      first = pixels - block.pixels;
      column = first % op->out_width;
      top = first / op->out_width * op->stride_y - op->pad_top;
    }
    int32_t ys[EDGEC_BLOCK_PIXELS];
    int32_t xs[EDGEC_BLOCK_PIXELS];
    const int8_t *rows[EDGEC_BLOCK_PIXELS];
    int32_t inside = 1;
    for (int32_t p = 0; p < block.pixels; ++p) {
      const int32_t left = column * op->stride_x - op->pad_left;
      inside = inside && top >= 0 && top <= last_y && left >= 0 && left <= last_x;
      ys[p] = top;
      xs[p] = left;
      rows[p] = inside ? x + (top * op->width + left) * op->channels : x;
      if (++column == op->out_width) {
        column = 0;
        top += op->stride_y;
      }
    }
    int32_t *words = (int32_t *)scratch;
    for (int32_t ky = 0; ky < op->kernel_height; ++ky) {
      if (!inside) {
        for (int32_t p = 0; p < block.pixels; ++p) {
          rows[p] = edgec_patch_row(op, x, ys[p] + ky * op->dilation_y, xs[p], copies + p * row);
        }
      }
      words = block.pack(rows, row, words);
      for (int32_t p = 0; inside && ky + 1 < op->kernel_height && p < block.pixels; ++p) {
        rows[p] += down;
      }
    }
    block.compute(layer, (const int32_t *)scratch, y + first * out_step);
  }
}

#endif
