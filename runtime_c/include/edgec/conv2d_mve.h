/* 2-D convolution of bytes with the vectors of Armv8.1-M: any window, stride and dilation. */
#ifndef EDGEC_CONV2D_MVE_H
#define EDGEC_CONV2D_MVE_H

#include "edgec/block_mve.h"
#include "edgec/rows.h"
#include "edgec/window.h"

/* One layer. The window of each pixel is copied to a patch, from which the block computes. */
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
  int32_t patches; /* that scratch has room for, an even number */
  edgec_block_mve block;
} edgec_conv2d_mve;

/* Patches of `count` neighbours whose windows lie inside of the rows, the first one `offset` bytes from their begin. NULL is a
   row of `padding`. `row` copies r4 bytes from r0 to r8 and lets r8 be behind them. */
#define EDGEC_MVE_PATCHES(begin, row)                                                                               \
  __asm__("push {r4-r11, lr}\n"                                                                                     \
          "ldrd r12, r11, [sp, #36]\n" /* count, padding */                                                         \
          "ldrd r4, r5, [r0]\n"        /* run, kernel_rows */                                                       \
          "ldrd r9, r10, [r0, #8]\n"   /* pixel, bytes */                                                           \
          begin                                                                                                     \
          "1:\n"                                                                                                    \
          "mov r6, r5\n"                                                                                            \
          "mov r7, r1\n"                                                                                            \
          "mov r8, r3\n"                                                                                            \
          "2:\n"                                                                                                    \
          "ldr r0, [r7], #4\n"                                                                                      \
          "cbz r0, 4f\n"                                                                                            \
          "add r0, r2\n"                                                                                            \
          "3:\n" row                                                                                                \
          "subs r6, r6, #1\n"                                                                                       \
          "bne 2b\n"                                                                                                \
          "add r2, r9\n"                                                                                            \
          "add r3, r10\n"                                                                                           \
          "subs r12, r12, #1\n"                                                                                     \
          "bne 1b\n"                                                                                                \
          "pop {r4-r11, pc}\n"                                                                                      \
          "4:\n"                                                                                                    \
          "mov r0, r11\n"                                                                                           \
          "b 3b\n")

/* Of rows of a window of 16 bytes at most. */
EDGEC_ASSEMBLY void edgec_narrow_patches_mve(EDGEC_ARGUMENT const edgec_conv2d_mve *op,
                                             EDGEC_ARGUMENT const int8_t *const *rows, EDGEC_ARGUMENT int32_t offset,
                                             EDGEC_ARGUMENT int8_t *patch, EDGEC_ARGUMENT int32_t count,
                                             EDGEC_ARGUMENT const int8_t *padding)
{
  EDGEC_MVE_PATCHES("vctp.8 r4\n",
                    "vpstt\n"
                    "vldrbt.8 q0, [r0]\n"
                    "vstrbt.8 q0, [r8]\n"
                    "add r8, r4\n");
}

EDGEC_ASSEMBLY void edgec_wide_patches_mve(EDGEC_ARGUMENT const edgec_conv2d_mve *op,
                                           EDGEC_ARGUMENT const int8_t *const *rows, EDGEC_ARGUMENT int32_t offset,
                                           EDGEC_ARGUMENT int8_t *patch, EDGEC_ARGUMENT int32_t count,
                                           EDGEC_ARGUMENT const int8_t *padding)
{
  EDGEC_MVE_PATCHES("",
                    "dlstp.8 lr, r4\n"
                    "5:\n"
                    "vldrb.8 q0, [r0], #16\n"
                    "vstrb.8 q0, [r8], #16\n"
                    "letp lr, 5b\n"
                    "rsb r0, r4, #0\n"
                    "and r0, r0, #15\n"
                    "sub r8, r0\n");
}

/* The patch of a pixel whose window begins at column `first`, which may lie outside. */
EDGEC_FUNCTION void edgec_patch_mve(const edgec_conv2d_mve *op, const int8_t *const *rows, int32_t first, int8_t *patch)
{
  const int32_t begin = edgec_taps_begin(first, op->dilation_x);
  const int32_t end = edgec_taps_end(first, op->dilation_x, op->kernel_width, op->in_width);
  const int32_t bytes = op->kernel_width * op->channels;
  edgec_fill_mve(patch, op->x_zero, op->kernel_rows * bytes);
  for (int32_t ky = 0; ky < op->kernel_rows; ++ky, patch += bytes) {
    const int8_t *const row = rows[ky * op->dilation];
    if (row != NULL && op->dilation_x == 1 && begin < end) {
      edgec_copy_mve(patch + begin * op->channels, row + (first + begin) * op->channels, (end - begin) * op->channels);
    } else if (row != NULL) {
      for (int32_t kx = begin; kx < end; ++kx) {
        const int8_t *const x = row + (first + kx * op->dilation_x) * op->channels;
        edgec_copy_mve(patch + kx * op->channels, x, op->channels);
      }
    }
  }
}

/* `out_rows` rows of output, of 2 pixels or more in all, from pointers to all rows of input that their windows span (NULL:
   a row of padding). scratch: patches, then a row of the window. */
EDGEC_FUNCTION void edgec_conv2d_mve_i8(const edgec_conv2d_mve *op, const int8_t *const *rows, int32_t out_rows,
                                        int8_t *y, void *scratch)
{
  int8_t *const patches = (int8_t *)scratch;
  int8_t *const padding = patches + op->patches * op->bytes;
  const int32_t out = op->block.out_channels;
  const int32_t plain = op->dilation == 1 && op->dilation_x == 1;
  const int32_t inner_begin = edgec_inner_begin(op->stride_x, op->pad_left);
  const int32_t inner_end =
      edgec_inner_end(op->stride_x, op->pad_left, op->kernel_width, op->in_width, plain ? op->out_width : 0);
  const int32_t pixels = out_rows * op->out_width;
  int32_t done = 0;
  int32_t held = 0;
  int32_t x = 0;
  edgec_fill_mve(padding, op->x_zero, op->run);
  while (done < pixels) {
    int8_t *const patch = patches + held * op->bytes;
    const int32_t first = x * op->stride_x - op->pad_left;
    int32_t count = 1;
    if (x >= inner_begin && x < inner_end) {
      const int32_t room = op->patches - held;
      count = inner_end - x < room ? inner_end - x : room;
      if (op->run > 16) {
        edgec_wide_patches_mve(op, rows, first * op->channels, patch, count, padding);
      } else {
        edgec_narrow_patches_mve(op, rows, first * op->channels, patch, count, padding);
      }
    } else {
      edgec_patch_mve(op, rows, first, patch);
    }
    held += count;
    x += count;
    if (x == op->out_width) {
      x = 0;
      rows += op->stride;
    }
    if (held == op->patches || done + held == pixels) {
      if (held > 1) {
        edgec_pixels_mve(&op->block, patches, op->bytes, y + done * out, held);
      } else {
        /* The last pixel goes with the one before it, whose patch is still there. */
        const int32_t last = (op->patches - 1) * op->bytes;
        edgec_pixels_mve(&op->block, patches + last, -last, y + (done - 1) * out, 2);
      }
      done += held;
      held = 0;
    }
  }
  edgec_clamp_mve(op->block.low, op->block.high, y, pixels * out);
}

#endif
