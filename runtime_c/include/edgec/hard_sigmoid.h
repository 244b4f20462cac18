/* min(max(a * x + b, 0), 1). */
#ifndef EDGEC_HARD_SIGMOID_H
#define EDGEC_HARD_SIGMOID_H

#include "edgec/clamp.h"
#include "edgec/unary.h"

#define EDGEC_HARD_SIGMOID(suffix, type, wide)                                        \
  EDGEC_INLINE type edgec_hard_sigmoid_scalar_##suffix(type a, type b, type x)  \
  {                                                                             \
    return edgec_clamp_##suffix(x * a + b, 0, 1);                               \
  }                                                                             \
  EDGEC_UNARY_KERNEL_2(hard_sigmoid, suffix, type, type)

EDGEC_FOR_FLOATS(EDGEC_HARD_SIGMOID)

#endif
