/* Maximum over axes; NaN wins. */
#ifndef EDGEC_REDUCE_MAX_H
#define EDGEC_REDUCE_MAX_H

#include "edgec/max.h"
#include "edgec/reduce.h"

#define EDGEC_REDUCE_MAX(suffix, type, wide) EDGEC_REDUCE_KERNEL(reduce_max, max, suffix, type)

EDGEC_FOR_FLOATS(EDGEC_REDUCE_MAX)
EDGEC_FOR_INTEGERS(EDGEC_REDUCE_MAX)

#endif
