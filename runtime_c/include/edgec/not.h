/* Logical not of bools, which are 0 or 1. */
#ifndef EDGEC_NOT_H
#define EDGEC_NOT_H

#include "edgec/unary.h"

EDGEC_INLINE uint8_t edgec_not_scalar_bool(uint8_t x)
{
  return x == 0;
}

EDGEC_UNARY_KERNEL(not, bool, uint8_t, uint8_t)

#endif
