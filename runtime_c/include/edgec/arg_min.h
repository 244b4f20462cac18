/* Position of the smallest element along one axis. */
#ifndef EDGEC_ARG_MIN_H
#define EDGEC_ARG_MIN_H

#include "edgec/arg.h"

#define EDGEC_ARG_MIN(suffix, type, wide) EDGEC_ARG_KERNEL(arg_min, <, suffix, type)

EDGEC_FOR_FLOATS(EDGEC_ARG_MIN)
EDGEC_FOR_INTEGERS(EDGEC_ARG_MIN)

#endif
