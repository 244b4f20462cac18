/* The larger one; NaN if one of them is NaN. */
#ifndef EDGEC_MAX_H
#define EDGEC_MAX_H

#include "edgec/binary.h"

#define EDGEC_MAX_FLOAT(suffix, type, wide)                         \
  EDGEC_INLINE type edgec_max_scalar_##suffix(type a, type b) \
  {                                                           \
    return (b > a || b != b) ? b : a;                         \
  }                                                           \
  EDGEC_BINARY_KERNEL(max, suffix, type, type)

#define EDGEC_MAX_INTEGER(suffix, type, wide)                 \
  EDGEC_INLINE type edgec_max_scalar_##suffix(type a, type b) \
  {                                                           \
    return b > a ? b : a;                                     \
  }                                                           \
  EDGEC_BINARY_KERNEL(max, suffix, type, type)

EDGEC_FOR_FLOATS(EDGEC_MAX_FLOAT)
EDGEC_FOR_INTEGERS(EDGEC_MAX_INTEGER)

#endif
