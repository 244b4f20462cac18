/* Strided copy and fill of elements of 32 bits. */
#ifndef EDGEC_COPY_32_H
#define EDGEC_COPY_32_H

#include "edgec/copy.h"

EDGEC_COPY_KERNELS(32)

#endif
