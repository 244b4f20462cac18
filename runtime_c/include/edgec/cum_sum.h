/* Running sum along one axis. Integers wrap around. */
#ifndef EDGEC_CUM_SUM_H
#define EDGEC_CUM_SUM_H

#include "edgec/add.h"
#include "edgec/cumulative.h"

#define EDGEC_CUM_SUM(suffix, type, wide) EDGEC_CUMULATIVE_KERNEL(cum_sum, add, 0, suffix, type)

EDGEC_FOR_FLOATS(EDGEC_CUM_SUM)
EDGEC_FOR_INTEGERS(EDGEC_CUM_SUM)

#endif
