/* Row pointers: how spatial kernels see their input.

   A kernel with spatial reach computes rows of output from an array of pointers to rows of input. Who fills that array
   decides what the rows are: a whole tensor, its border (NULL is a row of padding), a ring buffer of lines, a tile.
   The kernel is the same for all of them and copies nothing. */
#ifndef EDGEC_ROWS_F32_H
#define EDGEC_ROWS_F32_H

#include "edgec/core.h"

/* Point rows[i] at row (first + i * step) of a tensor of `height` rows of `row_elements` elements; NULL outside. */
EDGEC_INLINE void edgec_rows_f32(const float **rows, int32_t count, const float *x, int32_t height,
                                 int32_t row_elements, int32_t first, int32_t step)
{
  for (int32_t i = 0; i < count; ++i) {
    const int32_t y = first + i * step;
    rows[i] = (y >= 0 && y < height) ? x + (ptrdiff_t)y * row_elements : NULL;
  }
}

#endif
