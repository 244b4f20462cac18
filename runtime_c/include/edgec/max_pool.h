/* Max pooling in 2-D and 3-D. */
#ifndef EDGEC_MAX_POOL_H
#define EDGEC_MAX_POOL_H

#include "edgec/lowest.h"
#include "edgec/max.h"
#include "edgec/pool.h"

/* Padding never wins; NaN does. */
#define EDGEC_MAX_POOL(suffix, type, wide)                                                                            \
  EDGEC_KERNEL void edgec_max_pool_##suffix(const edgec_pool *op, type low, type high, const type *const *rows,       \
                                            type *y)                                                                  \
  {                                                                                                                   \
    EDGEC_POOL_ROW(type, EDGEC_LOWEST_##suffix, edgec_max_scalar_##suffix(out[c], in[c]),                             \
                   edgec_clamp_##suffix(out[c], low, high))                                                           \
  }

EDGEC_FOR_FLOATS(EDGEC_MAX_POOL)
EDGEC_FOR_INTEGERS(EDGEC_MAX_POOL)

#endif
