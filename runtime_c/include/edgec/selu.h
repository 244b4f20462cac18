/* b * x where it is not negative, else b * a * (exp(x) - 1). */
#ifndef EDGEC_SELU_H
#define EDGEC_SELU_H

#include "edgec/expm1.h"
#include "edgec/unary.h"

#define EDGEC_SELU(suffix, type, wide)                                       \
  EDGEC_INLINE type edgec_selu_scalar_##suffix(type a, type b, type x) \
  {                                                                    \
    return b * (x < 0 ? a * edgec_expm1_scalar_##suffix(x) : x);       \
  }                                                                    \
  EDGEC_UNARY_KERNEL_2(selu, suffix, type, type)

EDGEC_FOR_FLOATS(EDGEC_SELU)

#endif
