/* x / (1 + |x|). */
#ifndef EDGEC_SOFTSIGN_H
#define EDGEC_SOFTSIGN_H

#include "edgec/unary.h"

#define EDGEC_SOFTSIGN(suffix, type, wide)                        \
  EDGEC_INLINE type edgec_softsign_scalar_##suffix(type x)  \
  {                                                         \
    return x / (1 + (x < 0 ? -x : x));                      \
  }                                                         \
  EDGEC_UNARY_KERNEL(softsign, suffix, type, type)

EDGEC_FOR_FLOATS(EDGEC_SOFTSIGN)

#endif
