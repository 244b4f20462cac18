/* a + b, int64, wrapping around. */
#ifndef EDGEC_ADD_I64_H
#define EDGEC_ADD_I64_H

#include "edgec/binary.h"

EDGEC_INLINE int64_t edgec_add_scalar_i64(int64_t a, int64_t b)
{
  return (int64_t)((uint64_t)a + (uint64_t)b);
}

EDGEC_BINARY_KERNEL(add, i64, int64_t, edgec_add_scalar_i64)

#endif
