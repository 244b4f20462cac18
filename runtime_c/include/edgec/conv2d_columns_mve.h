/* 2-D convolution of bytes, or of halfwords by bytes, by windows whose columns are neighbours, with the vectors of Armv8.1-M.

   The rows of input that a row of output sees are written column by column, once. There each window is one run of bytes, the
   next one's a stride further on, so that blocks read them as they lie. */
#ifndef EDGEC_CONV2D_COLUMNS_MVE_H
#define EDGEC_CONV2D_COLUMNS_MVE_H

#include "edgec/block16_mve.h"
#include "edgec/strips.h"

/* Taps of a block are in the order column, row, channel. */
typedef struct {
  uint8_t places[16]; /* where bytes of a row go, from the first one on, of pixels of 8 bytes at most */
  int32_t step;       /* bytes that go together: whole columns of a row, */
  int32_t advance;    /* and how far the next ones go behind them */
  int32_t kernel_rows;
  int32_t channels; /* bytes of a pixel that a window sees, */
  int32_t next;     /* and from one pixel to the next */
  int32_t first; /* bytes of a row that are left out, */
  int32_t count; /* columns that are taken, */
  int32_t before; /* and bytes of padding before them */
  int32_t bytes; /* of all columns */
  int32_t dilation; /* vertical */
  int32_t pixel;    /* bytes from one window to the next */
  int32_t out_width; /* 2 or more */
  int32_t x_zero;    /* what bytes of padding are */
  int32_t groups;    /* of channels, each of which sees as many of the input as the others */
  int32_t stream;    /* words of one */
  edgec_block_mve block;
} edgec_conv2d_columns_mve;

/* `count` bytes of a row, of pixels of 8 bytes at most. What a vector holds beyond a step is written twice. */
EDGEC_ASSEMBLY void edgec_columns_mve(EDGEC_ARGUMENT const edgec_conv2d_columns_mve *op, EDGEC_ARGUMENT const int8_t *x,
                                      EDGEC_ARGUMENT int8_t *to, EDGEC_ARGUMENT int32_t count)
{
  __asm__("vldrb.8 q1, [r0], #16\n"
          "ldrd r0, r12, [r0]\n"
          "1:\n"
          "vctp.8 r3\n"
          "vpstt\n"
          "vldrbt.8 q0, [r1]\n"
          "vstrbt.8 q0, [r2, q1]\n"
          "add r1, r0\n"
          "add r2, r12\n"
          "subs r3, r3, r0\n"
          "bgt 1b\n"
          "bx lr\n");
}

/* The columns of a row of output, from pointers to all rows of input that its windows span (NULL: a row of padding): of pixels
   from their byte `skip` on. */
EDGEC_FUNCTION void edgec_write_columns_mve(const edgec_conv2d_columns_mve *op, const int8_t *const *rows, int32_t skip,
                                            int8_t *columns)
{
  edgec_fill_mve(columns, op->x_zero, op->bytes);
  for (int32_t ky = 0; ky < op->kernel_rows && op->count > 0; ++ky) {
    const int32_t bytes = op->count * op->channels;
    const int8_t *const row = rows[ky * op->dilation];
    const int32_t from = op->first + skip;
    int8_t *const to = columns + (op->before + ky * op->channels);
    if (row != NULL && op->next == op->channels && op->kernel_rows == 1) {
      edgec_copy_mve(to, row + from, bytes);
    } else if (row != NULL && (op->next > op->channels || op->channels > 8)) {
      edgec_copy_columns_mve(to, row + from, op->channels, op->count, op->kernel_rows * op->channels, op->next);
    } else if (row != NULL) {
      edgec_columns_mve(op, row + from, to, bytes);
    }
  }
}

/* One row of output. scratch: the columns, as far as whole steps of the last window reach. */
EDGEC_BLOCK_KERNEL void edgec_conv2d_columns_mve_i8(const edgec_conv2d_columns_mve *op, const int8_t *const *rows, int8_t *y,
                                                    void *scratch)
{
  edgec_write_columns_mve(op, rows, 0, (int8_t *)scratch);
  edgec_pixels_mve(&op->block, (const int8_t *)scratch, op->pixel, y, op->out_width);
  edgec_clamp_mve(op->block.low, op->block.high, y, op->out_width * op->block.out_channels);
}

EDGEC_BLOCK_KERNEL void edgec_conv2d_columns_mve_i16(const edgec_conv2d_columns_mve *op, const int8_t *const *rows, int16_t *y,
                                                     void *scratch)
{
  edgec_write_columns_mve(op, rows, 0, (int8_t *)scratch);
  edgec_pixels16_mve(&op->block, (const int16_t *)scratch, op->pixel, y, op->out_width);
  edgec_clamp16_mve(op->block.low, op->block.high, y, op->out_width * op->block.out_channels);
}

/* The same of several groups of channels. */
#define EDGEC_CONV2D_GROUPS_MVE(suffix, type, pixels, clamp)                                                              \
  EDGEC_BLOCK_KERNEL void edgec_conv2d_groups_mve_##suffix(const edgec_conv2d_columns_mve *op, const int8_t *const *rows, \
                                                           type *y, void *scratch)                                        \
  {                                                                                                                       \
    const uint32_t *stream = op->block.stream;                                                                            \
    for (int32_t g = 0; g < op->groups; ++g, stream += op->stream) {                                                      \
      edgec_write_columns_mve(op, rows, g * op->channels, (int8_t *)scratch);                                             \
      pixels(&op->block, stream, (const type *)scratch, op->pixel, y + g * op->block.channels, op->out_width);            \
    }                                                                                                                     \
    clamp(op->block.low, op->block.high, y, op->out_width * op->block.out_channels);                                      \
  }

EDGEC_CONV2D_GROUPS_MVE(i8, int8_t, edgec_group_pixels_mve, edgec_clamp_mve)
EDGEC_CONV2D_GROUPS_MVE(i16, int16_t, edgec_group_pixels16_mve, edgec_clamp16_mve)

#endif
