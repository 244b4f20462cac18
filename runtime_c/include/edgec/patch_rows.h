/* Convolutions of bytes that copy the windows of several pixels from rows of input to patches, side by side, for a block that
   computes from these. */
#ifndef EDGEC_PATCH_ROWS_H
#define EDGEC_PATCH_ROWS_H

#include "edgec/strips.h"
#include "edgec/window.h"

/* The windows of a layer. */
typedef struct {
  int32_t run; /* bytes of a row of the window, where its taps lie side by side */
  int32_t kernel_rows;
  int32_t pixel; /* bytes from one window to the next */
  int32_t bytes; /* from one patch to the next */
  int32_t kernel_width;
  int32_t channels;
  int32_t in_width;
  int32_t out_width;
  int32_t stride; /* vertical */
  int32_t stride_x;
  int32_t dilation; /* vertical */
  int32_t dilation_x;
  int32_t pad_left;
  int32_t x_zero;  /* what padding holds */
  int32_t patches; /* that scratch has room for */
} edgec_patch_rows;

/* Define kernel edgec_conv2d_<isa>_i8: `out_rows` rows of output, of `least` pixels or more in all, from pointers to all rows
   of input that their windows span (NULL: a row of padding). scratch: patches, at least twice `least` of them unless there
   are fewer pixels, then a row of the window. Of the instruction set there have to be

     edgec_copy_<isa>(to, from, count) and edgec_fill_<isa>(to, value, count), of bytes;
     edgec_patches_<isa>(windows, rows, offset, patch, count, padding): the patches of `count` neighbours whose windows are
       plain and lie inside of the rows, the first one `offset` bytes from their begin; NULL is a row of `padding`;
     edgec_pixels_<isa>(block, patches, bytes, y, count), `least` pixels or more; edgec_clamp_<isa>(low, high, y, count). */
#define EDGEC_CONV2D_OF_PATCHES(isa, least)                                                                              \
  /* The patch of a pixel whose window begins at column `first`, which may lie outside. */                               \
  EDGEC_FUNCTION void edgec_patch_##isa(const edgec_patch_rows *op, const int8_t *const *rows, int32_t first,            \
                                        int8_t *patch)                                                                   \
  {                                                                                                                      \
    const int32_t begin = edgec_taps_begin(first, op->dilation_x);                                                       \
    const int32_t end = edgec_taps_end(first, op->dilation_x, op->kernel_width, op->in_width);                           \
    const int32_t bytes = op->kernel_width * op->channels;                                                               \
    edgec_fill_##isa(patch, op->x_zero, op->kernel_rows * bytes);                                                        \
    for (int32_t ky = 0; ky < op->kernel_rows; ++ky, patch += bytes) {                                                   \
      const int8_t *const row = rows[ky * op->dilation];                                                                 \
      if (row != NULL && op->dilation_x == 1 && begin < end) {                                                           \
        edgec_copy_##isa(patch + begin * op->channels, row + (first + begin) * op->channels,                             \
                         (end - begin) * op->channels);                                                                  \
      } else if (row != NULL) {                                                                                          \
        for (int32_t kx = begin; kx < end; ++kx) {                                                                       \
          const int8_t *const x = row + (first + kx * op->dilation_x) * op->channels;                                    \
          edgec_copy_##isa(patch + kx * op->channels, x, op->channels);                                                  \
        }                                                                                                                \
      }                                                                                                                  \
    }                                                                                                                    \
  }                                                                                                                      \
                                                                                                                         \
  EDGEC_FUNCTION void edgec_conv2d_##isa##_i8(const edgec_conv2d_##isa *layer, const int8_t *const *rows,                \
                                              int32_t out_rows, int8_t *y, void *scratch)                                \
  {                                                                                                                      \
    const edgec_patch_rows *const op = &layer->windows;                                                                  \
    int8_t *const patches = (int8_t *)scratch;                                                                           \
    int8_t *const padding = patches + op->patches * op->bytes;                                                           \
    const int32_t plain = op->dilation == 1 && op->dilation_x == 1;                                                      \
    const int32_t inner_begin = edgec_inner_begin(op->stride_x, op->pad_left);                                           \
    const int32_t inner_end =                                                                                            \
        edgec_inner_end(op->stride_x, op->pad_left, op->kernel_width, op->in_width, plain ? op->out_width : 0);          \
    int32_t x = 0;                                                                                                       \
    edgec_fill_##isa(padding, op->x_zero, op->run);                                                                      \
    for (int32_t left = out_rows * op->out_width, together = 0; left > 0; left -= together) {                            \
      const int32_t over = left - op->patches;                                                                           \
      together = over <= 0 ? left : over < (least) ? op->patches - (least) : op->patches;                                \
      for (int32_t held = 0, count = 0; held < together; held += count) {                                                \
        int8_t *const patch = patches + held * op->bytes;                                                                \
        const int32_t first = x * op->stride_x - op->pad_left;                                                           \
        const int32_t room = together - held;                                                                            \
        count = 1;                                                                                                       \
        if (x >= inner_begin && x < inner_end) {                                                                         \
          count = inner_end - x < room ? inner_end - x : room;                                                           \
          edgec_patches_##isa(op, rows, first * op->channels, patch, count, padding);                                    \
        } else {                                                                                                         \
          edgec_patch_##isa(op, rows, first, patch);                                                                     \
        }                                                                                                                \
        x += count;                                                                                                      \
        if (x == op->out_width) {                                                                                        \
          x = 0;                                                                                                         \
          rows += op->stride;                                                                                            \
        }                                                                                                                \
      }                                                                                                                  \
      edgec_pixels_##isa(&layer->block, patches, op->bytes, y, together);                                                \
      edgec_clamp_##isa(layer->block.low, layer->block.high, y, together * layer->block.out_channels);                   \
      y += together * layer->block.out_channels;                                                                         \
    }                                                                                                                    \
  }

#endif
