/* Gather by int64 indices. */
#ifndef EDGEC_GATHER_I64_H
#define EDGEC_GATHER_I64_H

#include "edgec/gather.h"

EDGEC_GATHER_KERNEL(i64, int64_t)

#endif
