/* 1 / x. */
#ifndef EDGEC_RECIPROCAL_H
#define EDGEC_RECIPROCAL_H

#include "edgec/unary.h"

#define EDGEC_RECIPROCAL(suffix, type, wide)                       \
  EDGEC_INLINE type edgec_reciprocal_scalar_##suffix(type x) \
  {                                                          \
    return 1 / x;                                            \
  }                                                          \
  EDGEC_UNARY_KERNEL(reciprocal, suffix, type, type)

EDGEC_FOR_FLOATS(EDGEC_RECIPROCAL)

#endif
