/* -1, 0 or 1; NaN stays NaN. */
#ifndef EDGEC_SIGN_H
#define EDGEC_SIGN_H

#include "edgec/unary.h"

#define EDGEC_SIGN_FLOAT(suffix, type, wide)                                \
  EDGEC_INLINE type edgec_sign_scalar_##suffix(type x)                \
  {                                                                   \
    return x > 0 ? (type)1 : x < 0 ? (type)-1 : x != x ? x : (type)0; \
  }                                                                   \
  EDGEC_UNARY_KERNEL(sign, suffix, type, type)

#define EDGEC_SIGN_SIGNED(suffix, type, wide)          \
  EDGEC_INLINE type edgec_sign_scalar_##suffix(type x) \
  {                                                    \
    return (type)((x > 0) - (x < 0));                  \
  }                                                    \
  EDGEC_UNARY_KERNEL(sign, suffix, type, type)

#define EDGEC_SIGN_UNSIGNED(suffix, type, wide)        \
  EDGEC_INLINE type edgec_sign_scalar_##suffix(type x) \
  {                                                    \
    return x > 0;                                      \
  }                                                    \
  EDGEC_UNARY_KERNEL(sign, suffix, type, type)

EDGEC_FOR_FLOATS(EDGEC_SIGN_FLOAT)
EDGEC_FOR_SIGNED(EDGEC_SIGN_SIGNED)
EDGEC_FOR_UNSIGNED(EDGEC_SIGN_UNSIGNED)

#endif
