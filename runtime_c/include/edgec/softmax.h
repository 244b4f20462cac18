/* exp(x - max) / sum along one axis. y may be x. */
#ifndef EDGEC_SOFTMAX_H
#define EDGEC_SOFTMAX_H

#include "edgec/along.h"
#include "edgec/exp.h"
#include "edgec/max.h"

/* The sum runs in ascending order. */
#define EDGEC_SOFTMAX(suffix, type, wide)                                                         \
  EDGEC_KERNEL void edgec_softmax_##suffix(const edgec_along *op, const type *x, type *y)         \
  {                                                                                               \
    EDGEC_ALONG_LINES(                                                                            \
        type, type, op->axis, type top = from[0]; type sum = 0;                                   \
        for (int32_t a = 1; a < op->axis; ++a) {                                                  \
          top = edgec_max_scalar_##suffix(top, from[a * op->inner]);                              \
        } for (int32_t a = 0; a < op->axis; ++a) {                                                \
          const type e = edgec_exp_scalar_##suffix(from[a * op->inner] - top);                    \
          to[a * op->inner] = e;                                                                  \
          sum += e;                                                                               \
        } for (int32_t a = 0; a < op->axis; ++a) { to[a * op->inner] /= sum; })                   \
  }

EDGEC_FOR_FLOATS(EDGEC_SOFTMAX)

#endif
