/* a | b of integers, and of bools, which are 0 or 1. */
#ifndef EDGEC_BITWISE_OR_H
#define EDGEC_BITWISE_OR_H

#include "edgec/binary.h"

#define EDGEC_BITWISE_OR(suffix, type, wide)                         \
  EDGEC_INLINE type edgec_bitwise_or_scalar_##suffix(type a, type b) \
  {                                                                  \
    return (type)(a | b);                                            \
  }                                                                  \
  EDGEC_BINARY_KERNEL(bitwise_or, suffix, type, type)

EDGEC_FOR_INTEGERS(EDGEC_BITWISE_OR)
EDGEC_BITWISE_OR(bool, uint8_t, uint32_t)

#endif
