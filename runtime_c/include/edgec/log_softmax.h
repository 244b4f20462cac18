/* x - max - log(sum(exp(x - max))) along one axis. y may be x. */
#ifndef EDGEC_LOG_SOFTMAX_H
#define EDGEC_LOG_SOFTMAX_H

#include "edgec/along.h"
#include "edgec/exp.h"
#include "edgec/log.h"
#include "edgec/max.h"

/* The sum runs in ascending order. */
#define EDGEC_LOG_SOFTMAX(suffix, type, wide)                                                     \
  EDGEC_KERNEL void edgec_log_softmax_##suffix(const edgec_along *op, const type *x, type *y)     \
  {                                                                                               \
    EDGEC_ALONG_LINES(                                                                            \
        type, type, op->axis, type top = from[0]; type sum = 0;                                   \
        for (int32_t a = 1; a < op->axis; ++a) {                                                  \
          top = edgec_max_scalar_##suffix(top, from[a * op->inner]);                              \
        } for (int32_t a = 0; a < op->axis; ++a) {                                                \
          sum += edgec_exp_scalar_##suffix(from[a * op->inner] - top);                            \
        } const type log_sum = edgec_log_scalar_##suffix(sum);                                    \
        for (int32_t a = 0; a < op->axis; ++a) {                                                  \
          to[a * op->inner] = (from[a * op->inner] - top) - log_sum;                              \
        })                                                                                        \
  }

EDGEC_FOR_FLOATS(EDGEC_LOG_SOFTMAX)

#endif
