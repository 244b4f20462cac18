/* min(max(x, low), high) for every type; NaN stays NaN. */
#ifndef EDGEC_CLAMP_H
#define EDGEC_CLAMP_H

#include "edgec/types.h"

EDGEC_INLINE double edgec_clamp_f64(double x, double low, double high)
{
  const double raised = x < low ? low : x;
  return raised > high ? high : raised;
}

#define EDGEC_CLAMP_INTEGER(suffix, type, wide)                       \
  EDGEC_INLINE type edgec_clamp_##suffix(type x, type low, type high) \
  {                                                                   \
    const type raised = x < low ? low : x;                            \
    return raised > high ? high : raised;                             \
  }

EDGEC_FOR_INTEGERS(EDGEC_CLAMP_INTEGER)

#endif
