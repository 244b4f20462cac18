/* Strided copy and fill of elements of 16 bits. */
#ifndef EDGEC_COPY_16_H
#define EDGEC_COPY_16_H

#include "edgec/copy.h"

EDGEC_COPY_KERNELS(16)

#endif
