/* Position of the largest element along one axis. */
#ifndef EDGEC_ARG_MAX_H
#define EDGEC_ARG_MAX_H

#include "edgec/arg.h"

#define EDGEC_ARG_MAX(suffix, type, wide) EDGEC_ARG_KERNEL(arg_max, >, suffix, type)

EDGEC_FOR_FLOATS(EDGEC_ARG_MAX)
EDGEC_FOR_INTEGERS(EDGEC_ARG_MAX)

#endif
