/* a == b, as a bool: an uint8_t that is 0 or 1. */
#ifndef EDGEC_EQUAL_H
#define EDGEC_EQUAL_H

#include "edgec/binary.h"

#define EDGEC_EQUAL(suffix, type, wide)                             \
  EDGEC_INLINE uint8_t edgec_equal_scalar_##suffix(type a, type b) \
  {                                                                \
    return a == b;                                                 \
  }                                                                \
  EDGEC_BINARY_KERNEL(equal, suffix, type, uint8_t)

EDGEC_FOR_FLOATS(EDGEC_EQUAL)
EDGEC_FOR_INTEGERS(EDGEC_EQUAL)
EDGEC_EQUAL(bool, uint8_t, uint32_t)

#endif
