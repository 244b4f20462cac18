/* Scatter that replaces elements of 1, 2, 4 or 8 bytes, whatever they are. */
#ifndef EDGEC_SCATTER_NONE_H
#define EDGEC_SCATTER_NONE_H

#include "edgec/scatter.h"

#define EDGEC_SCATTER_REPLACE(old, update) (update)

EDGEC_SCATTER_KERNELS(none, 8, edgec_any_8, EDGEC_SCATTER_REPLACE)
EDGEC_SCATTER_KERNELS(none, 16, edgec_any_16, EDGEC_SCATTER_REPLACE)
EDGEC_SCATTER_KERNELS(none, 32, edgec_any_32, EDGEC_SCATTER_REPLACE)
EDGEC_SCATTER_KERNELS(none, 64, edgec_any_64, EDGEC_SCATTER_REPLACE)

#endif
