/* x * sigmoid(a * x). */
#ifndef EDGEC_SWISH_H
#define EDGEC_SWISH_H

#include "edgec/sigmoid.h"
#include "edgec/unary.h"

#define EDGEC_SWISH(suffix, type, wide)                                \
  EDGEC_INLINE type edgec_swish_scalar_##suffix(type a, type x)  \
  {                                                              \
    return x * edgec_sigmoid_scalar_##suffix(x * a);             \
  }                                                              \
  EDGEC_UNARY_KERNEL_1(swish, suffix, type, type)

EDGEC_FOR_FLOATS(EDGEC_SWISH)

#endif
