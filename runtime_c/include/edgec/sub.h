/* a - b, clamped. Integers wrap around. */
#ifndef EDGEC_SUB_H
#define EDGEC_SUB_H

#include "edgec/binary.h"
#include "edgec/clamp.h"

#define EDGEC_SUB_FLOAT(suffix, type, wide)                         \
  EDGEC_INLINE type edgec_sub_scalar_##suffix(type a, type b) \
  {                                                           \
    return a - b;                                             \
  }                                                           \
  EDGEC_ARITHMETIC_KERNEL(sub, suffix, type)

#define EDGEC_SUB_INTEGER(suffix, type, wide)                 \
  EDGEC_INLINE type edgec_sub_scalar_##suffix(type a, type b) \
  {                                                           \
    return (type)((wide)a - (wide)b);                         \
  }                                                           \
  EDGEC_ARITHMETIC_KERNEL(sub, suffix, type)

EDGEC_FOR_FLOATS(EDGEC_SUB_FLOAT)
EDGEC_FOR_INTEGERS(EDGEC_SUB_INTEGER)

#endif
