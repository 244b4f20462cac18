/* All bits inverted. */
#ifndef EDGEC_BITWISE_NOT_H
#define EDGEC_BITWISE_NOT_H

#include "edgec/unary.h"

#define EDGEC_BITWISE_NOT(suffix, type, wide)                 \
  EDGEC_INLINE type edgec_bitwise_not_scalar_##suffix(type x) \
  {                                                           \
    return (type)~x;                                          \
  }                                                           \
  EDGEC_UNARY_KERNEL(bitwise_not, suffix, type, type)

EDGEC_FOR_INTEGERS(EDGEC_BITWISE_NOT)

#endif
