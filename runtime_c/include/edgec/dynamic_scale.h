/* The scale and zero point for which 0 .. 255 stand for the range of a tensor, widened so as to hold 0. */
#ifndef EDGEC_DYNAMIC_SCALE_H
#define EDGEC_DYNAMIC_SCALE_H

#include "edgec/round.h"

/* NaN does not count. */
EDGEC_KERNEL void edgec_dynamic_scale(const float *x, int32_t count, float *scale, uint8_t *zero_point)
{
  float low = 0.0f;
  float high = 0.0f;
  for (int32_t i = 0; i < count; ++i) {
    low = x[i] < low ? x[i] : low;
    high = x[i] > high ? x[i] : high;
  }
  *scale = (low < high ? high - low : 1.0f) / 255.0f;
  const float zero = -low / *scale;
  *zero_point = (uint8_t)edgec_round_scalar_f32(zero > 255.0f ? 255.0f : zero == zero ? zero : 0.0f);
}

#endif
