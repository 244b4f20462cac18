/* -x; integers wrap around. */
#ifndef EDGEC_NEG_H
#define EDGEC_NEG_H

#include "edgec/unary.h"

#define EDGEC_NEG_FLOAT(suffix, type, wide)                 \
  EDGEC_INLINE type edgec_neg_scalar_##suffix(type x) \
  {                                                   \
    return -x;                                        \
  }                                                   \
  EDGEC_UNARY_KERNEL(neg, suffix, type, type)

#define EDGEC_NEG_SIGNED(suffix, type, wide)          \
  EDGEC_INLINE type edgec_neg_scalar_##suffix(type x) \
  {                                                   \
    return (type)((wide)0 - (wide)x);                 \
  }                                                   \
  EDGEC_UNARY_KERNEL(neg, suffix, type, type)

EDGEC_FOR_FLOATS(EDGEC_NEG_FLOAT)
EDGEC_FOR_SIGNED(EDGEC_NEG_SIGNED)

#endif
