/* a + b, clamped. Integers wrap around. */
#ifndef EDGEC_ADD_H
#define EDGEC_ADD_H

#include "edgec/binary.h"
#include "edgec/clamp.h"

#define EDGEC_ADD_FLOAT(suffix, type, wide)                         \
  EDGEC_INLINE type edgec_add_scalar_##suffix(type a, type b) \
  {                                                           \
    return a + b;                                             \
  }                                                           \
  EDGEC_ARITHMETIC_KERNEL(add, suffix, type)

#define EDGEC_ADD_INTEGER(suffix, type, wide)                 \
  EDGEC_INLINE type edgec_add_scalar_##suffix(type a, type b) \
  {                                                           \
    return (type)((wide)a + (wide)b);                         \
  }                                                           \
  EDGEC_ARITHMETIC_KERNEL(add, suffix, type)

EDGEC_FOR_FLOATS(EDGEC_ADD_FLOAT)
EDGEC_FOR_INTEGERS(EDGEC_ADD_INTEGER)

#endif
