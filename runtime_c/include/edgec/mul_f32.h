/* a * b, float32. */
#ifndef EDGEC_MUL_F32_H
#define EDGEC_MUL_F32_H

#include "edgec/binary.h"

EDGEC_INLINE float edgec_mul_scalar_f32(float a, float b)
{
  return a * b;
}

EDGEC_BINARY_KERNEL(mul, f32, float, edgec_mul_scalar_f32)

#endif
