/* The smaller one; NaN if one of them is NaN. */
#ifndef EDGEC_MIN_H
#define EDGEC_MIN_H

#include "edgec/binary.h"

#define EDGEC_MIN_FLOAT(suffix, type, wide)                         \
  EDGEC_INLINE type edgec_min_scalar_##suffix(type a, type b) \
  {                                                           \
    return (b < a || b != b) ? b : a;                         \
  }                                                           \
  EDGEC_BINARY_KERNEL(min, suffix, type, type)

#define EDGEC_MIN_INTEGER(suffix, type, wide)                 \
  EDGEC_INLINE type edgec_min_scalar_##suffix(type a, type b) \
  {                                                           \
    return b < a ? b : a;                                     \
  }                                                           \
  EDGEC_BINARY_KERNEL(min, suffix, type, type)

EDGEC_FOR_FLOATS(EDGEC_MIN_FLOAT)
EDGEC_FOR_INTEGERS(EDGEC_MIN_INTEGER)

#endif
