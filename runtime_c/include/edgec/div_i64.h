/* a / b, int64: truncates towards zero, wraps around; division by zero gives a. */
#ifndef EDGEC_DIV_I64_H
#define EDGEC_DIV_I64_H

#include "edgec/binary.h"

EDGEC_INLINE int64_t edgec_div_scalar_i64(int64_t a, int64_t b)
{
  if (b == -1) {
    return (int64_t)(0u - (uint64_t)a);
  }
  return b == 0 ? a : a / b;
}

EDGEC_BINARY_KERNEL(div, i64, int64_t, edgec_div_scalar_i64)

#endif
