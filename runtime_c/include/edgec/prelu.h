/* a where it is not negative, else a * b. Integers wrap around. */
#ifndef EDGEC_PRELU_H
#define EDGEC_PRELU_H

#include "edgec/mul.h"

#define EDGEC_PRELU(suffix, type, wide)                          \
  EDGEC_INLINE type edgec_prelu_scalar_##suffix(type a, type b) \
  {                                                             \
    return a < 0 ? edgec_mul_scalar_##suffix(a, b) : a;         \
  }                                                             \
  EDGEC_BINARY_KERNEL(prelu, suffix, type, type)

#define EDGEC_PRELU_UNSIGNED(suffix, type, wide)                \
  EDGEC_INLINE type edgec_prelu_scalar_##suffix(type a, type b) \
  {                                                             \
    (void)b;                                                    \
    return a;                                                   \
  }                                                             \
  EDGEC_BINARY_KERNEL(prelu, suffix, type, type)

EDGEC_FOR_FLOATS(EDGEC_PRELU)
EDGEC_FOR_SIGNED(EDGEC_PRELU)
EDGEC_FOR_UNSIGNED(EDGEC_PRELU_UNSIGNED)

#endif
