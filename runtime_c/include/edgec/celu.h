/* x where it is not negative, else a * (exp(x / a) - 1). */
#ifndef EDGEC_CELU_H
#define EDGEC_CELU_H

#include "edgec/expm1.h"
#include "edgec/unary.h"

#define EDGEC_CELU(suffix, type, wide)                               \
  EDGEC_INLINE type edgec_celu_scalar_##suffix(type a, type x) \
  {                                                            \
    return x < 0 ? a * edgec_expm1_scalar_##suffix(x / a) : x; \
  }                                                            \
  EDGEC_UNARY_KERNEL_1(celu, suffix, type, type)

EDGEC_FOR_FLOATS(EDGEC_CELU)

#endif
