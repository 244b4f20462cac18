/* a / b, int32: truncates towards zero, wraps around; division by zero gives a. */
#ifndef EDGEC_DIV_I32_H
#define EDGEC_DIV_I32_H

#include "edgec/binary.h"

EDGEC_INLINE int32_t edgec_div_scalar_i32(int32_t a, int32_t b)
{
  if (b == -1) {
    return (int32_t)(0u - (uint32_t)a);
  }
  return b == 0 ? a : a / b;
}

EDGEC_BINARY_KERNEL(div, i32, int32_t, edgec_div_scalar_i32)

#endif
