/* Scatter that keeps the larger element. */
#ifndef EDGEC_SCATTER_MAX_H
#define EDGEC_SCATTER_MAX_H

#include "edgec/max.h"
#include "edgec/scatter.h"

#define EDGEC_SCATTER_MAX(suffix, type, wide) EDGEC_SCATTER_KERNELS(max, suffix, type, edgec_max_scalar_##suffix)

EDGEC_FOR_FLOATS(EDGEC_SCATTER_MAX)
EDGEC_FOR_INTEGERS(EDGEC_SCATTER_MAX)

#endif
