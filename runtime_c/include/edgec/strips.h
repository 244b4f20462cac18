/* Rows of bytes for kernels that compute several rows of output at a time. */
#ifndef EDGEC_STRIPS_H
#define EDGEC_STRIPS_H

#include "edgec/rows.h"

/* edgec_rows of neighbouring rows as one function: the loops around such kernels are many and run seldom. */
EDGEC_FUNCTION void edgec_strip_rows_i8(const int8_t **rows, int32_t count, const int8_t *x, int32_t height,
                                        int32_t row_elements, int32_t first)
{
  edgec_rows_i8(rows, count, x, height, row_elements, first, 1, 1);
}

#endif
