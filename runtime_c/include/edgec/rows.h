/* Row pointers: how spatial kernels see their input.

   A kernel with spatial reach computes rows of output from an array of pointers to rows of input. Who fills that array
   decides what the rows are: a whole tensor, its border (NULL is a row of padding), a ring buffer of lines, a tile.
   The kernel is the same for all of them and copies nothing. In 3-D the rows are those of all planes of the window. */
#ifndef EDGEC_ROWS_H
#define EDGEC_ROWS_H

#include "edgec/types.h"

/* A place on an axis whose elements lie `stride` apart, as those of a transposed convolution's input do on its output:
   is there an element? */
EDGEC_INLINE int32_t edgec_inside(int32_t place, int32_t stride, int32_t extent)
{
  return place >= 0 && place % stride == 0 && place / stride < extent;
}

/* edgec_rows: point rows[i] at the row at place first + i * step of a tensor of `height` rows of `row_elements` elements;
   NULL where there is none.
   edgec_rows3d: the same for `count` rows in each of `planes` planes of a tensor of `depth` planes. */
#define EDGEC_ROWS(suffix, type, wide)                                                                                \
  EDGEC_INLINE void edgec_rows_##suffix(const type **rows, int32_t count, const type *x, int32_t height,              \
                                        int32_t row_elements, int32_t first, int32_t step, int32_t stride)            \
  {                                                                                                                   \
    for (int32_t i = 0; i < count; ++i) {                                                                             \
      const int32_t y = first + i * step;                                                                             \
      rows[i] = edgec_inside(y, stride, height) ? x + (ptrdiff_t)(y / stride) * row_elements : NULL;                  \
    }                                                                                                                 \
  }                                                                                                                   \
                                                                                                                      \
  EDGEC_INLINE void edgec_rows3d_##suffix(const type **rows, int32_t planes, int32_t count, const type *x,            \
                                          int32_t depth, int32_t plane_first, int32_t plane_step,                     \
                                          int32_t plane_stride, int32_t height, int32_t row_elements, int32_t first,  \
                                          int32_t step, int32_t stride)                                               \
  {                                                                                                                   \
    for (int32_t i = 0; i < planes; ++i) {                                                                            \
      const int32_t z = plane_first + i * plane_step;                                                                 \
      const int32_t inside = edgec_inside(z, plane_stride, depth);                                                    \
      const ptrdiff_t plane = inside ? (ptrdiff_t)(z / plane_stride) * height * row_elements : 0;                     \
      edgec_rows_##suffix(rows + i * count, count, x + plane, inside ? height : 0, row_elements, first, step, stride); \
    }                                                                                                                 \
  }

EDGEC_FOR_FLOATS(EDGEC_ROWS)
EDGEC_FOR_INTEGERS(EDGEC_ROWS)

#endif
