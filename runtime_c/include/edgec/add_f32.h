/* a + b, float32. */
#ifndef EDGEC_ADD_F32_H
#define EDGEC_ADD_F32_H

#include "edgec/binary.h"

EDGEC_INLINE float edgec_add_scalar_f32(float a, float b)
{
  return a + b;
}

EDGEC_BINARY_KERNEL(add, f32, float, edgec_add_scalar_f32)

#endif
