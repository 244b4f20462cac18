/* Sum of squares over axes. Integers wrap around. */
#ifndef EDGEC_REDUCE_SUM_SQUARE_H
#define EDGEC_REDUCE_SUM_SQUARE_H

#include "edgec/reduce.h"

#define EDGEC_REDUCE_SUM_SQUARE_FLOAT(suffix, type, wide) \
  EDGEC_FLOAT_SUM_KERNEL(reduce_sum_square, suffix, type, element * element, sum)
#define EDGEC_REDUCE_SUM_SQUARE_INTEGER(suffix, type, wide) \
  EDGEC_INTEGER_SUM_KERNEL(reduce_sum_square, suffix, type, wide, (wide)element * (wide)element, sum)

EDGEC_FOR_FLOATS(EDGEC_REDUCE_SUM_SQUARE_FLOAT)
EDGEC_FOR_INTEGERS(EDGEC_REDUCE_SUM_SQUARE_INTEGER)

#endif
