/* x * min(max(x + 3, 0), 6) / 6. */
#ifndef EDGEC_HARD_SWISH_H
#define EDGEC_HARD_SWISH_H

#include "edgec/clamp.h"
#include "edgec/unary.h"

#define EDGEC_HARD_SWISH(suffix, type, wide)                                 \
  EDGEC_INLINE type edgec_hard_swish_scalar_##suffix(type x)           \
  {                                                                    \
    return x * (edgec_clamp_##suffix(x + 3, 0, 6) * (type)(1.0 / 6));  \
  }                                                                    \
  EDGEC_UNARY_KERNEL(hard_swish, suffix, type, type)

EDGEC_FOR_FLOATS(EDGEC_HARD_SWISH)

#endif
