/* Average pooling in 2-D and 3-D. */
#ifndef EDGEC_AVERAGE_POOL_H
#define EDGEC_AVERAGE_POOL_H

#include "edgec/pool.h"

/* How many elements count in the divisor of the output whose window begins at column x0: those of `rows` rows that are
   inside the input or inside padding that is counted, `left` and `right` columns of it. */
EDGEC_INLINE int32_t edgec_average_pool_count(const edgec_pool *op, int32_t rows, int32_t left, int32_t right,
                                              int32_t x0)
{
  return rows * edgec_taps_count(x0, op->dilation, op->kernel_width, -left, op->in_width + right);
}

/* Sums run in the order row, kx, starting at zero; then one division. */
#define EDGEC_AVERAGE_POOL(suffix, type, wide)                                                                        \
  EDGEC_KERNEL void edgec_average_pool_##suffix(const edgec_pool *op, type low, type high, int32_t counted_left,      \
                                                int32_t counted_right, const type *const *rows, int32_t counted_rows, \
                                                type *y)                                                              \
  {                                                                                                                   \
    EDGEC_POOL_ROW(                                                                                                   \
        type, 0, out[c] + in[c],                                                                                      \
        edgec_clamp_##suffix(                                                                                         \
            out[c] / (type)edgec_average_pool_count(op, counted_rows, counted_left, counted_right, x0), low, high))   \
  }

EDGEC_FOR_FLOATS(EDGEC_AVERAGE_POOL)

#endif
