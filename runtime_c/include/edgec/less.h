/* a < b, as a bool: an uint8_t that is 0 or 1. */
#ifndef EDGEC_LESS_H
#define EDGEC_LESS_H

#include "edgec/binary.h"

#define EDGEC_LESS(suffix, type, wide)                             \
  EDGEC_INLINE uint8_t edgec_less_scalar_##suffix(type a, type b) \
  {                                                               \
    return a < b;                                                 \
  }                                                               \
  EDGEC_BINARY_KERNEL(less, suffix, type, uint8_t)

EDGEC_FOR_FLOATS(EDGEC_LESS)
EDGEC_FOR_INTEGERS(EDGEC_LESS)

#endif
