/* 1 where x is infinite, else 0; of the signs asked for. */
#ifndef EDGEC_IS_INF_H
#define EDGEC_IS_INF_H

#include "edgec/unary.h"

#define EDGEC_IS_INF(suffix, type, wide)                                                                       \
  EDGEC_KERNEL void edgec_is_inf_##suffix(int32_t negative, int32_t positive, const type *x, uint8_t *y, \
                                          int32_t count)                                                 \
  {                                                                                                      \
    for (int32_t i = 0; i < count; ++i) {                                                                \
      /* What is not finite gives NaN. */                                                                \
      const int infinite = x[i] - x[i] != 0 && x[i] == x[i];                                             \
      y[i] = infinite && (x[i] < 0 ? negative : positive);                                               \
    }                                                                                                    \
  }

EDGEC_FOR_FLOATS(EDGEC_IS_INF)

#endif
