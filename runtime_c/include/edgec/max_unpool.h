/* The way back from max pooling: elements at given places among zeros. */
#ifndef EDGEC_MAX_UNPOOL_H
#define EDGEC_MAX_UNPOOL_H

#include "edgec/types.h"

/* y[0 .. size - 1] = 0, then y[indices[i]] = x[i] in order. Returns EDGEC_OK, or EDGEC_ERROR_INDEX at the first place
   outside of y. */
#define EDGEC_MAX_UNPOOL(suffix, type, wide)                                                                          \
  EDGEC_KERNEL int32_t edgec_max_unpool_##suffix(const type *x, const int64_t *indices, int32_t count, type *y,       \
                                                 int32_t size)                                                        \
  {                                                                                                                   \
    for (int32_t i = 0; i < size; ++i) {                                                                              \
      y[i] = 0;                                                                                                       \
    }                                                                                                                 \
    for (int32_t i = 0; i < count; ++i) {                                                                             \
      if (indices[i] < 0 || indices[i] >= size) {                                                                     \
        return EDGEC_ERROR_INDEX;                                                                                     \
      }                                                                                                               \
      y[indices[i]] = x[i];                                                                                           \
    }                                                                                                                 \
    return EDGEC_OK;                                                                                                  \
  }

EDGEC_FOR_FLOATS(EDGEC_MAX_UNPOOL)
EDGEC_FOR_INTEGERS(EDGEC_MAX_UNPOOL)

#endif
