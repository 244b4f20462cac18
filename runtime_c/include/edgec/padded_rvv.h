/* Rows with their padding, in scratch, for kernels with RVV: of elements of any size. */
#ifndef EDGEC_PADDED_RVV_H
#define EDGEC_PADDED_RVV_H

#include "edgec/block_rvv.h"

/* In bytes but for rows. */
typedef struct {
  int32_t stride; /* rows from one window to the one below */
  int32_t span;   /* rows of input that a window spans */
  int32_t first;  /* bytes of a row of input that are left out, */
  int32_t count;  /* that are taken, */
  int32_t before; /* and bytes of padding before them */
  int32_t row;    /* bytes of a row with its padding */
  int32_t x_zero; /* what bytes of padding are */
} edgec_padded_rvv;

/* From pointers to all rows of input (NULL: a row of padding) that `out_rows` rows of windows span. */
EDGEC_FUNCTION void edgec_pad_rows_rvv(const edgec_padded_rvv *op, const int8_t *const *rows, int32_t out_rows, int8_t *x)
{
  const int32_t in_rows = (out_rows - 1) * op->stride + op->span;
  edgec_fill_rvv(x, op->x_zero, in_rows * op->row);
  for (int32_t r = 0; r < in_rows; ++r) {
    if (rows[r] != NULL) {
      edgec_copy_rvv(x + (r * op->row + op->before), rows[r] + op->first, op->count);
    }
  }
}

#endif
