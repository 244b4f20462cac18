/* 1 where x is NaN, else 0. */
#ifndef EDGEC_IS_NAN_H
#define EDGEC_IS_NAN_H

#include "edgec/unary.h"

#define EDGEC_IS_NAN(suffix, type, wide)                          \
  EDGEC_INLINE uint8_t edgec_is_nan_scalar_##suffix(type x) \
  {                                                         \
    return x != x;                                          \
  }                                                         \
  EDGEC_UNARY_KERNEL(is_nan, suffix, type, uint8_t)

EDGEC_FOR_FLOATS(EDGEC_IS_NAN)

#endif
