/* Strided copy and fill of elements of 8 bits. */
#ifndef EDGEC_COPY_8_H
#define EDGEC_COPY_8_H

#include "edgec/copy.h"

EDGEC_COPY_KERNELS(8)

#endif
