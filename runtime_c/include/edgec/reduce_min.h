/* Minimum over axes; NaN wins. */
#ifndef EDGEC_REDUCE_MIN_H
#define EDGEC_REDUCE_MIN_H

#include "edgec/min.h"
#include "edgec/reduce.h"

#define EDGEC_REDUCE_MIN(suffix, type, wide) EDGEC_REDUCE_KERNEL(reduce_min, min, suffix, type)

EDGEC_FOR_FLOATS(EDGEC_REDUCE_MIN)
EDGEC_FOR_INTEGERS(EDGEC_REDUCE_MIN)

#endif
