/* Gather by int32 indices. */
#ifndef EDGEC_GATHER_I32_H
#define EDGEC_GATHER_I32_H

#include "edgec/gather.h"

EDGEC_GATHER_KERNEL(i32, int32_t)

#endif
