/* a * 2^b; 0 where b is at least the number of bits. */
#ifndef EDGEC_SHIFT_LEFT_H
#define EDGEC_SHIFT_LEFT_H

#include "edgec/binary.h"

#define EDGEC_SHIFT_LEFT(suffix, type, wide)                         \
  EDGEC_INLINE type edgec_shift_left_scalar_##suffix(type a, type b) \
  {                                                                  \
    return (type)(b < EDGEC_BITS_##suffix ? (wide)a << b : 0);    \
  }                                                                  \
  EDGEC_BINARY_KERNEL(shift_left, suffix, type, type)

EDGEC_FOR_UNSIGNED(EDGEC_SHIFT_LEFT)

#endif
