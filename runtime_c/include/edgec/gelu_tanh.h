/* x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))) / 2: an approximation of gelu. */
#ifndef EDGEC_GELU_TANH_H
#define EDGEC_GELU_TANH_H

#include "edgec/tanh.h"
#include "edgec/unary.h"

#define EDGEC_GELU_TANH(suffix, type, wide)                                                    \
  EDGEC_INLINE type edgec_gelu_tanh_scalar_##suffix(type x)                              \
  {                                                                                      \
    const type inner = (type)0.79788456080286535588 * (x + (type)0.044715 * x * x * x);  \
    return (type)0.5 * x * (1 + edgec_tanh_scalar_##suffix(inner));                      \
  }                                                                                      \
  EDGEC_UNARY_KERNEL(gelu_tanh, suffix, type, type)

EDGEC_FOR_FLOATS(EDGEC_GELU_TANH)

#endif
