/* x where it is not negative, else a * x. */
#ifndef EDGEC_LEAKY_RELU_H
#define EDGEC_LEAKY_RELU_H

#include "edgec/unary.h"

#define EDGEC_LEAKY_RELU(suffix, type, wide)                               \
  EDGEC_INLINE type edgec_leaky_relu_scalar_##suffix(type a, type x) \
  {                                                                  \
    return x < 0 ? x * a : x;                                        \
  }                                                                  \
  EDGEC_UNARY_KERNEL_1(leaky_relu, suffix, type, type)

EDGEC_FOR_FLOATS(EDGEC_LEAKY_RELU)

#endif
