/* Sum of magnitudes over axes. Integers wrap around. */
#ifndef EDGEC_REDUCE_L1_H
#define EDGEC_REDUCE_L1_H

#include "edgec/division.h"
#include "edgec/reduce.h"

#define EDGEC_REDUCE_L1_FLOAT(suffix, type, wide) \
  EDGEC_FLOAT_SUM_KERNEL(reduce_l1, suffix, type, edgec_magnitude_##suffix(element), sum)
#define EDGEC_REDUCE_L1_SIGNED(suffix, type, wide) \
  EDGEC_INTEGER_SUM_KERNEL(reduce_l1, suffix, type, wide, edgec_magnitude_##suffix(element), sum)
#define EDGEC_REDUCE_L1_UNSIGNED(suffix, type, wide) \
  EDGEC_INTEGER_SUM_KERNEL(reduce_l1, suffix, type, wide, element, sum)

EDGEC_FOR_FLOATS(EDGEC_REDUCE_L1_FLOAT)
EDGEC_FOR_SIGNED(EDGEC_REDUCE_L1_SIGNED)
EDGEC_FOR_UNSIGNED(EDGEC_REDUCE_L1_UNSIGNED)

#endif
