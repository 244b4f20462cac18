/* a - b, float32. */
#ifndef EDGEC_SUB_F32_H
#define EDGEC_SUB_F32_H

#include "edgec/binary.h"

EDGEC_INLINE float edgec_sub_scalar_f32(float a, float b)
{
  return a - b;
}

EDGEC_BINARY_KERNEL(sub, f32, float, edgec_sub_scalar_f32)

#endif
