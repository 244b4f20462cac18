/* Sum over axes. Integers wrap around. */
#ifndef EDGEC_REDUCE_SUM_H
#define EDGEC_REDUCE_SUM_H

#include "edgec/reduce.h"

#define EDGEC_REDUCE_SUM_FLOAT(suffix, type, wide) \
  EDGEC_FLOAT_SUM_KERNEL(reduce_sum, suffix, type, element, sum)
#define EDGEC_REDUCE_SUM_INTEGER(suffix, type, wide) \
  EDGEC_INTEGER_SUM_KERNEL(reduce_sum, suffix, type, wide, element, sum)

EDGEC_FOR_FLOATS(EDGEC_REDUCE_SUM_FLOAT)
EDGEC_FOR_INTEGERS(EDGEC_REDUCE_SUM_INTEGER)

#endif
