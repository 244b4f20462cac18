/* x where it is not negative, else a * (exp(x) - 1). */
#ifndef EDGEC_ELU_H
#define EDGEC_ELU_H

#include "edgec/expm1.h"
#include "edgec/unary.h"

#define EDGEC_ELU(suffix, type, wide)                               \
  EDGEC_INLINE type edgec_elu_scalar_##suffix(type a, type x) \
  {                                                           \
    return x < 0 ? a * edgec_expm1_scalar_##suffix(x) : x;    \
  }                                                           \
  EDGEC_UNARY_KERNEL_1(elu, suffix, type, type)

EDGEC_FOR_FLOATS(EDGEC_ELU)

#endif
