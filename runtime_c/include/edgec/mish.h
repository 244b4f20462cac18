/* x * tanh(log(1 + exp(x))). */
#ifndef EDGEC_MISH_H
#define EDGEC_MISH_H

#include "edgec/softplus.h"
#include "edgec/tanh.h"
#include "edgec/unary.h"

#define EDGEC_MISH(suffix, type, wide)                                               \
  EDGEC_INLINE type edgec_mish_scalar_##suffix(type x)                         \
  {                                                                            \
    return x * edgec_tanh_scalar_##suffix(edgec_softplus_scalar_##suffix(x));  \
  }                                                                            \
  EDGEC_UNARY_KERNEL(mish, suffix, type, type)

EDGEC_FOR_FLOATS(EDGEC_MISH)

#endif
