/* log(sum(exp(x))) over axes: max + log(sum(exp(x - max))), so that nothing overflows. */
#ifndef EDGEC_REDUCE_LOG_SUM_EXP_H
#define EDGEC_REDUCE_LOG_SUM_EXP_H

#include "edgec/exp.h"
#include "edgec/log.h"
#include "edgec/max.h"
#include "edgec/reduce.h"

/* An infinite maximum is the result, or its difference to itself were not a number. */
#define EDGEC_REDUCE_LOG_SUM_EXP(suffix, type, wide)                                                             \
  EDGEC_KERNEL void edgec_reduce_log_sum_exp_##suffix(const edgec_reduce *op, const type *x, type *y)            \
  {                                                                                                              \
    EDGEC_REDUCE_KEPT(                                                                                           \
        type, type top = *first; EDGEC_REDUCE_RUNS(type, for (int32_t s = 0; s < op->reduced[3]; ++s) {          \
          top = edgec_max_scalar_##suffix(top, run[s * op->reduced_stride[3]]);                                  \
        }) edgec_total_##suffix total = {0, 0};                                                                  \
        EDGEC_REDUCE_RUNS(type, EDGEC_SUM_RUN(suffix, type, op->reduced[3], op->reduced_stride[3],               \
                                              edgec_exp_scalar_##suffix(element - top)))                         \
        const type sum = edgec_total_value_##suffix(total);                                                      \
        *y++ = top - top == 0 ? top + edgec_log_scalar_##suffix(sum) : top;)                                     \
  }

EDGEC_FOR_FLOATS(EDGEC_REDUCE_LOG_SUM_EXP)

#endif
