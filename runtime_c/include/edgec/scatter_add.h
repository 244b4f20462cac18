/* Scatter that adds to elements. */
#ifndef EDGEC_SCATTER_ADD_H
#define EDGEC_SCATTER_ADD_H

#include "edgec/add.h"
#include "edgec/scatter.h"

#define EDGEC_SCATTER_ADD(suffix, type, wide) EDGEC_SCATTER_KERNELS(add, suffix, type, edgec_add_scalar_##suffix)

EDGEC_FOR_FLOATS(EDGEC_SCATTER_ADD)
EDGEC_FOR_INTEGERS(EDGEC_SCATTER_ADD)

#endif
