/* a / b, clamped. Integers are truncated towards zero; a divisor of 0 counts as 1. */
#ifndef EDGEC_DIV_H
#define EDGEC_DIV_H

#include "edgec/binary.h"
#include "edgec/clamp.h"
#include "edgec/division.h"

#define EDGEC_DIV_FLOAT(suffix, type, wide)                         \
  EDGEC_INLINE type edgec_div_scalar_##suffix(type a, type b) \
  {                                                           \
    return a / b;                                             \
  }                                                           \
  EDGEC_ARITHMETIC_KERNEL(div, suffix, type)

#define EDGEC_DIV_INTEGER(suffix, type, wide)                 \
  EDGEC_INLINE type edgec_div_scalar_##suffix(type a, type b) \
  {                                                           \
    return edgec_quotient_##suffix(a, b);                     \
  }                                                           \
  EDGEC_ARITHMETIC_KERNEL(div, suffix, type)

EDGEC_FOR_FLOATS(EDGEC_DIV_FLOAT)
EDGEC_FOR_INTEGERS(EDGEC_DIV_INTEGER)

#endif
