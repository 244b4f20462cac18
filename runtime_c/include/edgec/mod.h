/* The remainder of a / b with the sign of b; 0 where an integer b is 0. */
#ifndef EDGEC_MOD_H
#define EDGEC_MOD_H

#include "edgec/binary.h"
#include "edgec/division.h"
#include "edgec/fmod.h"

#define EDGEC_MOD_FLOAT(suffix, type, wide)                                         \
  EDGEC_INLINE type edgec_mod_scalar_##suffix(type a, type b)                 \
  {                                                                           \
    const type rest = edgec_fmod_scalar_##suffix(a, b);                       \
    return (rest < 0 || rest > 0) && (rest < 0) != (b < 0) ? rest + b : rest; \
  }                                                                           \
  EDGEC_BINARY_KERNEL(mod, suffix, type, type)

#define EDGEC_MOD_INTEGER(suffix, type, wide)                 \
  EDGEC_INLINE type edgec_mod_scalar_##suffix(type a, type b) \
  {                                                           \
    return edgec_modulus_##suffix(a, b);                      \
  }                                                           \
  EDGEC_BINARY_KERNEL(mod, suffix, type, type)

EDGEC_FOR_FLOATS(EDGEC_MOD_FLOAT)
EDGEC_FOR_INTEGERS(EDGEC_MOD_INTEGER)

#endif
