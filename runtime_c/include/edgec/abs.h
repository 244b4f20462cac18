/* |x|; the smallest integer stays as it is. */
#ifndef EDGEC_ABS_H
#define EDGEC_ABS_H

#include "edgec/unary.h"

#define EDGEC_ABS_FLOAT(suffix, type, wide)                 \
  EDGEC_INLINE type edgec_abs_scalar_##suffix(type x) \
  {                                                   \
    return x <= 0 ? 0 - x : x; /* 0 - -0 is 0 */      \
  }                                                   \
  EDGEC_UNARY_KERNEL(abs, suffix, type, type)

#define EDGEC_ABS_SIGNED(suffix, type, wide)            \
  EDGEC_INLINE type edgec_abs_scalar_##suffix(type x)   \
  {                                                     \
    return (type)(x < 0 ? (wide)0 - (wide)x : (wide)x); \
  }                                                     \
  EDGEC_UNARY_KERNEL(abs, suffix, type, type)

EDGEC_FOR_FLOATS(EDGEC_ABS_FLOAT)
EDGEC_FOR_SIGNED(EDGEC_ABS_SIGNED)

#endif
