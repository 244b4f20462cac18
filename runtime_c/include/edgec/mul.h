/* a * b, clamped. Integers wrap around. */
#ifndef EDGEC_MUL_H
#define EDGEC_MUL_H

#include "edgec/binary.h"
#include "edgec/clamp.h"

#define EDGEC_MUL_FLOAT(suffix, type, wide)                         \
  EDGEC_INLINE type edgec_mul_scalar_##suffix(type a, type b) \
  {                                                           \
    return a * b;                                             \
  }                                                           \
  EDGEC_ARITHMETIC_KERNEL(mul, suffix, type)

#define EDGEC_MUL_INTEGER(suffix, type, wide)                 \
  EDGEC_INLINE type edgec_mul_scalar_##suffix(type a, type b) \
  {                                                           \
    return (type)((wide)a * (wide)b);                         \
  }                                                           \
  EDGEC_ARITHMETIC_KERNEL(mul, suffix, type)

EDGEC_FOR_FLOATS(EDGEC_MUL_FLOAT)
EDGEC_FOR_INTEGERS(EDGEC_MUL_INTEGER)

#endif
