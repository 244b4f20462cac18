/* a & b of integers, and of bools, which are 0 or 1. */
#ifndef EDGEC_BITWISE_AND_H
#define EDGEC_BITWISE_AND_H

#include "edgec/binary.h"

#define EDGEC_BITWISE_AND(suffix, type, wide)                         \
  EDGEC_INLINE type edgec_bitwise_and_scalar_##suffix(type a, type b) \
  {                                                                   \
    return (type)(a & b);                                             \
  }                                                                   \
  EDGEC_BINARY_KERNEL(bitwise_and, suffix, type, type)

EDGEC_FOR_INTEGERS(EDGEC_BITWISE_AND)
EDGEC_BITWISE_AND(bool, uint8_t, uint32_t)

#endif
