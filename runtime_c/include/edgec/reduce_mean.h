/* Mean over axes: the sum, divided once. That of integers is truncated towards zero. */
#ifndef EDGEC_REDUCE_MEAN_H
#define EDGEC_REDUCE_MEAN_H

#include "edgec/division.h"
#include "edgec/reduce.h"

#define EDGEC_REDUCE_MEAN_FLOAT(suffix, type, wide) \
  EDGEC_FLOAT_SUM_KERNEL(reduce_mean, suffix, type, element, sum / (type)op->count)
#define EDGEC_REDUCE_MEAN_INTEGER(suffix, type, wide) \
  EDGEC_INTEGER_SUM_KERNEL(reduce_mean, suffix, type, wide, element, edgec_quotient_##suffix(sum, (type)op->count))

EDGEC_FOR_FLOATS(EDGEC_REDUCE_MEAN_FLOAT)
EDGEC_REDUCE_MEAN_INTEGER(i32, int32_t, uint32_t)
EDGEC_REDUCE_MEAN_INTEGER(u32, uint32_t, uint32_t)
EDGEC_REDUCE_MEAN_INTEGER(i64, int64_t, uint64_t)
EDGEC_REDUCE_MEAN_INTEGER(u64, uint64_t, uint64_t)

#endif
