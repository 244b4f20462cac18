/* a + b, int32, wrapping around. */
#ifndef EDGEC_ADD_I32_H
#define EDGEC_ADD_I32_H

#include "edgec/binary.h"

EDGEC_INLINE int32_t edgec_add_scalar_i32(int32_t a, int32_t b)
{
  return (int32_t)((uint32_t)a + (uint32_t)b);
}

EDGEC_BINARY_KERNEL(add, i32, int32_t, edgec_add_scalar_i32)

#endif
