/* min(max(x, low), high); NaN stays NaN. */
#ifndef EDGEC_CLIP_H
#define EDGEC_CLIP_H

#include "edgec/clamp.h"
#include "edgec/unary.h"

#define EDGEC_CLIP(suffix, type, wide)                                       \
  EDGEC_INLINE type edgec_clip_scalar_##suffix(type low, type high, type x) \
  {                                                                         \
    return edgec_clamp_##suffix(x, low, high);                              \
  }                                                                         \
  EDGEC_UNARY_KERNEL_2(clip, suffix, type, type)

EDGEC_FOR_FLOATS(EDGEC_CLIP)
EDGEC_FOR_INTEGERS(EDGEC_CLIP)

#endif
