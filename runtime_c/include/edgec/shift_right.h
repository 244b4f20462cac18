/* a / 2^b, rounded down. */
#ifndef EDGEC_SHIFT_RIGHT_H
#define EDGEC_SHIFT_RIGHT_H

#include "edgec/binary.h"

#define EDGEC_SHIFT_RIGHT(suffix, type, wide)                         \
  EDGEC_INLINE type edgec_shift_right_scalar_##suffix(type a, type b) \
  {                                                                   \
    return (type)(b < EDGEC_BITS_##suffix ? (wide)a >> b : 0);     \
  }                                                                   \
  EDGEC_BINARY_KERNEL(shift_right, suffix, type, type)

EDGEC_FOR_UNSIGNED(EDGEC_SHIFT_RIGHT)

#endif
