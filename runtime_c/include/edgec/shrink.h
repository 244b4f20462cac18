/* x + b where it is below -a, x - b where it is above a, else 0. */
#ifndef EDGEC_SHRINK_H
#define EDGEC_SHRINK_H

#include "edgec/unary.h"

#define EDGEC_SHRINK_FLOAT(suffix, type, wide)                                 \
  EDGEC_INLINE type edgec_shrink_scalar_##suffix(type a, type b, type x) \
  {                                                                      \
    return x < -a ? x + b : x > a ? x - b : (type)0;                     \
  }                                                                      \
  EDGEC_UNARY_KERNEL_2(shrink, suffix, type, type)

EDGEC_FOR_FLOATS(EDGEC_SHRINK_FLOAT)

#endif
