/* max(x, 0); NaN stays NaN. */
#ifndef EDGEC_RELU_H
#define EDGEC_RELU_H

#include "edgec/unary.h"

#define EDGEC_RELU(suffix, type, wide)                  \
  EDGEC_INLINE type edgec_relu_scalar_##suffix(type x) \
  {                                                    \
    return x < 0 ? (type)0 : x;                        \
  }                                                    \
  EDGEC_UNARY_KERNEL(relu, suffix, type, type)

EDGEC_FOR_FLOATS(EDGEC_RELU)
EDGEC_FOR_SIGNED(EDGEC_RELU)

#endif
