/* x where it is above a, else 0. */
#ifndef EDGEC_THRESHOLDED_RELU_H
#define EDGEC_THRESHOLDED_RELU_H

#include "edgec/unary.h"

#define EDGEC_THRESHOLDED_RELU(suffix, type, wide)                                \
  EDGEC_INLINE type edgec_thresholded_relu_scalar_##suffix(type a, type x)  \
  {                                                                         \
    return x > a ? x : (type)0;                                             \
  }                                                                         \
  EDGEC_UNARY_KERNEL_1(thresholded_relu, suffix, type, type)

EDGEC_FOR_FLOATS(EDGEC_THRESHOLDED_RELU)

#endif
