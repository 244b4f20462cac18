/* a - b, int64, wrapping around. */
#ifndef EDGEC_SUB_I64_H
#define EDGEC_SUB_I64_H

#include "edgec/binary.h"

EDGEC_INLINE int64_t edgec_sub_scalar_i64(int64_t a, int64_t b)
{
  return (int64_t)((uint64_t)a - (uint64_t)b);
}

EDGEC_BINARY_KERNEL(sub, i64, int64_t, edgec_sub_scalar_i64)

#endif
