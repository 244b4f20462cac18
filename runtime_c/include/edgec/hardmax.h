/* 1 at the first of the largest elements along one axis, 0 elsewhere. y must not overlap x. */
#ifndef EDGEC_HARDMAX_H
#define EDGEC_HARDMAX_H

#include "edgec/along.h"

/* NaN counts as the largest. */
#define EDGEC_HARDMAX(suffix, type, wide)                                                                  \
  EDGEC_KERNEL void edgec_hardmax_##suffix(const edgec_along *op, const type *x, type *y)                  \
  {                                                                                                        \
    EDGEC_ALONG_LINES(                                                                                     \
        type, type, op->axis, int32_t best = 0; for (int32_t a = 0; a < op->axis; ++a) {                   \
          const type value = from[a * op->inner];                                                          \
          const type top = from[best * op->inner];                                                         \
          best = (value > top || (value != value && top == top)) ? a : best;                               \
        } for (int32_t a = 0; a < op->axis; ++a) { to[a * op->inner] = a == best ? (type)1 : (type)0; })   \
  }

EDGEC_FOR_FLOATS(EDGEC_HARDMAX)

#endif
