/* Running product along one axis. Integers wrap around. */
#ifndef EDGEC_CUM_PROD_H
#define EDGEC_CUM_PROD_H

#include "edgec/mul.h"
#include "edgec/cumulative.h"

#define EDGEC_CUM_PROD(suffix, type, wide) EDGEC_CUMULATIVE_KERNEL(cum_prod, mul, 1, suffix, type)

EDGEC_FOR_FLOATS(EDGEC_CUM_PROD)
EDGEC_FOR_INTEGERS(EDGEC_CUM_PROD)

#endif
