/* Lines along one axis: x is [outer][axis][inner], and so is y with its own extent of the axis. */
#ifndef EDGEC_ALONG_H
#define EDGEC_ALONG_H

#include "edgec/types.h"

typedef struct {
  int32_t outer;
  int32_t axis;
  int32_t inner;
} edgec_along;

/* Once for each line: `from` points at its first element in x, `to` in y, whose extent along the axis is `extent`;
   elements of a line are op->inner apart. */
#define EDGEC_ALONG_LINES(from_type, to_type, extent, ...)                          \
  for (int32_t o = 0; o < op->outer; ++o) {                                         \
    for (int32_t i = 0; i < op->inner; ++i) {                                       \
      const from_type *const from = x + ((ptrdiff_t)o * op->axis * op->inner + i);  \
      to_type *const to = y + ((ptrdiff_t)o * (extent) * op->inner + i);            \
      __VA_ARGS__                                                                   \
    }                                                                               \
  }

#endif
