/* a / b, float32. */
#ifndef EDGEC_DIV_F32_H
#define EDGEC_DIV_F32_H

#include "edgec/binary.h"

EDGEC_INLINE float edgec_div_scalar_f32(float a, float b)
{
  return a / b;
}

EDGEC_BINARY_KERNEL(div, f32, float, edgec_div_scalar_f32)

#endif
