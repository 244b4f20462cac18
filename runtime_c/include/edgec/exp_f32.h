/* exp(x), float32. Accuracy: see docs/maths.md. */
#ifndef EDGEC_EXP_F32_H
#define EDGEC_EXP_F32_H

#include "edgec/core.h"

/* 2^n for -126 <= n <= 127: the exponent field is n + 127. */
EDGEC_INLINE float edgec_power_of_two_f32(int32_t n)
{
  union {
    uint32_t bits;
    float value;
  } power;
  power.bits = (uint32_t)(n + 127) << 23;
  return power.value;
}

/* x = n ln 2 + r with |r| <= ln 2 / 2 (Cody and Waite: ln 2 in two parts, of which n times the first is exact), then
   exp(r) = 1 + r + r^2 q(r), q a minimax polynomial of degree 4. What rounding takes from r and from 1 + r is added with
   the small terms, so that little more than the last rounding is left. The power of two is applied in two halves, so
   that results below 2^-126 are rounded once more and those next to overflow do not overflow early. */
EDGEC_INLINE float edgec_exp_f32(float x)
{
  if (x != x) {
    return x;
  }
  if (x > 88.72284f) {
    return EDGEC_INFINITY;
  }
  if (x < -104.0f) {
    return 0.0f;
  }
  const float scaled = x * 1.44269504f;
  const int32_t n = (int32_t)(scaled < 0.0f ? scaled - 0.5f : scaled + 0.5f);
  const float whole = (float)n;
  const float high = x - whole * 0.693145751953125f;
  const float low = whole * 1.42860677e-6f;
  const float r = high - low;
  const float lost = (high - r) - low;
  const float q = 0.5f + r * (0.166665122f + r * (0.0416661873f + r * (0.00836959854f + r * 0.00139517197f)));
  const float sum = 1.0f + r;
  const float mantissa = sum + (((1.0f - sum) + r) + (r * r * q + lost));
  const int32_t half = n / 2;
  return mantissa * edgec_power_of_two_f32(half) * edgec_power_of_two_f32(n - half);
}

#endif
