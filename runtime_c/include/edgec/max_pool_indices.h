/* Max pooling in 2-D and 3-D with the place of each maximum. */
#ifndef EDGEC_MAX_POOL_INDICES_H
#define EDGEC_MAX_POOL_INDICES_H

#include "edgec/lowest.h"
#include "edgec/pool.h"

/* Is b what a running maximum a becomes? The first of equal ones stays, and the first NaN. */
#define EDGEC_WINS(a, b) ((b) > (a) || ((b) != (b) && (a) == (a)))

/* How far apart places are that neighbouring taps see. */
typedef struct {
  int32_t kernel_height; /* rows of the window in each plane */
  int32_t plane_step;
  int32_t row_step;
  int32_t column_step; /* of neighbouring columns, whatever the dilation */
} edgec_pool_places;

/* One row of output, and of indices; `origin` is the place of column 0 in the window's first row. An index of -1 stands
   for none yet. */
#define EDGEC_MAX_POOL_INDICES(suffix, type, wide)                                                                    \
  EDGEC_KERNEL void edgec_max_pool_indices_##suffix(const edgec_pool *op, const edgec_pool_places *places,            \
                                                    int32_t origin, const type *const *rows, type *y,                 \
                                                    int64_t *indices)                                                 \
  {                                                                                                                   \
    for (int32_t x = 0; x < op->out_width; ++x) {                                                                     \
      const int32_t x0 = x * op->stride - op->pad_left;                                                               \
      const int32_t first = edgec_taps_begin(x0, op->dilation);                                                       \
      const int32_t end = edgec_taps_end(x0, op->dilation, op->kernel_width, op->in_width);                           \
      type *const out = y + (ptrdiff_t)x * op->channels;                                                              \
      int64_t *const index = indices + (ptrdiff_t)x * op->channels;                                                   \
      for (int32_t c = 0; c < op->channels; ++c) {                                                                    \
        out[c] = EDGEC_LOWEST_##suffix;                                                                               \
        index[c] = -1;                                                                                                \
      }                                                                                                               \
      for (int32_t row = 0; row < op->kernel_rows; ++row) {                                                           \
        const int32_t place = origin + row / places->kernel_height * places->plane_step +                             \
                              row % places->kernel_height * places->row_step;                                         \
        for (int32_t kx = first; rows[row] != NULL && kx < end; ++kx) {                                               \
          const int32_t column = x0 + kx * op->dilation;                                                              \
          const type *const in = rows[row] + (ptrdiff_t)column * op->channels;                                        \
          for (int32_t c = 0; c < op->channels; ++c) {                                                                \
            if (index[c] < 0 || EDGEC_WINS(out[c], in[c])) {                                                          \
              out[c] = in[c];                                                                                         \
              index[c] = place + column * places->column_step;                                                        \
            }                                                                                                         \
          }                                                                                                           \
        }                                                                                                             \
      }                                                                                                               \
    }                                                                                                                 \
  }

EDGEC_FOR_FLOATS(EDGEC_MAX_POOL_INDICES)
EDGEC_FOR_INTEGERS(EDGEC_MAX_POOL_INDICES)

#endif
