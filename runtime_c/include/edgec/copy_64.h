/* Strided copy and fill of elements of 64 bits. */
#ifndef EDGEC_COPY_64_H
#define EDGEC_COPY_64_H

#include "edgec/copy.h"

EDGEC_COPY_KERNELS(64)

#endif
