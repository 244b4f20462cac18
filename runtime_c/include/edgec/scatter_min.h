/* Scatter that keeps the smaller element. */
#ifndef EDGEC_SCATTER_MIN_H
#define EDGEC_SCATTER_MIN_H

#include "edgec/min.h"
#include "edgec/scatter.h"

#define EDGEC_SCATTER_MIN(suffix, type, wide) EDGEC_SCATTER_KERNELS(min, suffix, type, edgec_min_scalar_##suffix)

EDGEC_FOR_FLOATS(EDGEC_SCATTER_MIN)
EDGEC_FOR_INTEGERS(EDGEC_SCATTER_MIN)

#endif
