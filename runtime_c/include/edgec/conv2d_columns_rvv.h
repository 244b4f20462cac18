/* 2-D convolution of bytes by windows whose columns are neighbours, with RVV.

   The rows of input that a row of output sees are written column by column, with their padding. There each window is one run
   of bytes, which blocks read as it lies. */
#ifndef EDGEC_CONV2D_COLUMNS_RVV_H
#define EDGEC_CONV2D_COLUMNS_RVV_H

#include "edgec/block_rvv.h"
#include "edgec/strips.h"

/* Taps of a block are in the order column, row, channel. */
typedef struct {
  edgec_block_rvv block;
  const int32_t *places; /* of the windows of some rows of output, in scratch */
  int32_t kernel_rows;
  int32_t channels;
  int32_t column; /* bytes of a column */
  int32_t first;  /* bytes of a row that are left out, */
  int32_t count;  /* columns that are taken, */
  int32_t before; /* and bytes of padding before them */
  int32_t row;    /* bytes of the columns of a row of output */
  int32_t stride;
  int32_t dilation; /* vertical */
  int32_t out_width;
  int32_t x_zero; /* what bytes of padding are */
} edgec_conv2d_columns_rvv;

/* `out_rows` rows of output, of 3 pixels or more, from pointers to all rows of input that their windows span (NULL: a row of
   padding). scratch: the columns of these rows. */
EDGEC_FUNCTION void edgec_conv2d_columns_rvv_i8(const edgec_conv2d_columns_rvv *op, const int8_t *const *rows,
                                                int32_t out_rows, int8_t *y, void *scratch)
{
  int8_t *const x = (int8_t *)scratch;
  const int32_t channels = op->channels;
  const int32_t pixels = out_rows * op->out_width;
  edgec_fill_rvv(x, op->x_zero, out_rows * op->row);
  for (int32_t r = 0; r < out_rows && op->count > 0; ++r) {
    for (int32_t ky = 0; ky < op->kernel_rows; ++ky) {
      const int8_t *const row = rows[r * op->stride + ky * op->dilation];
      int8_t *const to = x + (r * op->row + op->before + ky * channels);
      if (row != NULL && channels < op->count) {
        edgec_lines_rvv(row + op->first, 1, channels, to, 1, op->column, channels, op->count);
      } else if (row != NULL) {
        edgec_lines_rvv(row + op->first, channels, 1, to, op->column, 1, op->count, channels);
      }
    }
  }
  edgec_places_rvv(&op->block, x, op->places, y, pixels);
  edgec_clamp_rvv(op->block.low, op->block.high, y, pixels * op->block.out_channels);
}

#endif
