/* a * b, int64, wrapping around. */
#ifndef EDGEC_MUL_I64_H
#define EDGEC_MUL_I64_H

#include "edgec/binary.h"

EDGEC_INLINE int64_t edgec_mul_scalar_i64(int64_t a, int64_t b)
{
  return (int64_t)((uint64_t)a * (uint64_t)b);
}

EDGEC_BINARY_KERNEL(mul, i64, int64_t, edgec_mul_scalar_i64)

#endif
