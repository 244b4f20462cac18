/* a <= b, as a bool: an uint8_t that is 0 or 1. */
#ifndef EDGEC_LESS_OR_EQUAL_H
#define EDGEC_LESS_OR_EQUAL_H

#include "edgec/binary.h"

#define EDGEC_LESS_OR_EQUAL(suffix, type, wide)                             \
  EDGEC_INLINE uint8_t edgec_less_or_equal_scalar_##suffix(type a, type b) \
  {                                                                        \
    return a <= b;                                                         \
  }                                                                        \
  EDGEC_BINARY_KERNEL(less_or_equal, suffix, type, uint8_t)

EDGEC_FOR_FLOATS(EDGEC_LESS_OR_EQUAL)
EDGEC_FOR_INTEGERS(EDGEC_LESS_OR_EQUAL)

#endif
