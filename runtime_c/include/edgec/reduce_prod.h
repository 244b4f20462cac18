/* Product over axes, in row-major order. Integers wrap around. */
#ifndef EDGEC_REDUCE_PROD_H
#define EDGEC_REDUCE_PROD_H

#include "edgec/mul.h"
#include "edgec/reduce.h"

#define EDGEC_REDUCE_PROD(suffix, type, wide) EDGEC_REDUCE_KERNEL(reduce_prod, mul, suffix, type)

EDGEC_FOR_FLOATS(EDGEC_REDUCE_PROD)
EDGEC_FOR_INTEGERS(EDGEC_REDUCE_PROD)

#endif
