/* Scatter that multiplies elements. */
#ifndef EDGEC_SCATTER_MUL_H
#define EDGEC_SCATTER_MUL_H

#include "edgec/mul.h"
#include "edgec/scatter.h"

#define EDGEC_SCATTER_MUL(suffix, type, wide) EDGEC_SCATTER_KERNELS(mul, suffix, type, edgec_mul_scalar_##suffix)

EDGEC_FOR_FLOATS(EDGEC_SCATTER_MUL)
EDGEC_FOR_INTEGERS(EDGEC_SCATTER_MUL)

#endif
