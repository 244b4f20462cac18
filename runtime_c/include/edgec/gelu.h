/* x * (1 + erf(x / sqrt(2))) / 2. */
#ifndef EDGEC_GELU_H
#define EDGEC_GELU_H

#include "edgec/erf.h"
#include "edgec/unary.h"

#define EDGEC_GELU(suffix, type, wide)                                                          \
  EDGEC_INLINE type edgec_gelu_scalar_##suffix(type x)                                    \
  {                                                                                       \
    const type half = (type)0.5;                                                          \
    return half * x * (1 + edgec_erf_scalar_##suffix(x * (type)0.70710678118654752440));  \
  }                                                                                       \
  EDGEC_UNARY_KERNEL(gelu, suffix, type, type)

EDGEC_FOR_FLOATS(EDGEC_GELU)

#endif
