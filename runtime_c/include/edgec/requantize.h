/* Sums of integers to the codes of a quantized result: rescaled, rounded once, zero point added, clamped. Exact; the
   parameters are those of edgec/ir/requantization.py. */
#ifndef EDGEC_REQUANTIZE_H
#define EDGEC_REQUANTIZE_H

#include "edgec/core.h"

/* What rescaled sums saturate at: further out than any clamp, and a zero point still fits 32 bits. */
#define EDGEC_RESCALED_MAX (INT32_C(1) << 30)

/* x / 2^shift to nearest, half way up; shift >= 1, and x is not the largest number. Signed shifts are arithmetic in every
   compiler that we know. */
EDGEC_INLINE int32_t edgec_shift_i32(int32_t x, int32_t shift)
{
  return ((x >> (shift - 1)) + 1) >> 1;
}

EDGEC_INLINE int64_t edgec_shift_i64(int64_t x, int32_t shift)
{
  return ((x >> (shift - 1)) + 1) >> 1;
}

EDGEC_INLINE int32_t edgec_saturate(int64_t x)
{
  return x < -EDGEC_RESCALED_MAX ? -EDGEC_RESCALED_MAX : x > EDGEC_RESCALED_MAX ? EDGEC_RESCALED_MAX : (int32_t)x;
}

/* The upper half of a product. */
EDGEC_INLINE int32_t edgec_upper(int32_t a, int32_t b)
{
#if defined(__ARM_ARCH_6M__) || defined(__ARM_ARCH_8M_BASE__)
  /* Where 32 bits are all that a multiplication gives, from halves of the factors. */
  const uint32_t low_a = (uint32_t)a & 0xffffu;
  const uint32_t low_b = (uint32_t)b & 0xffffu;
  const int32_t high_a = a >> 16;
  const int32_t high_b = b >> 16;
  const int32_t middle = high_a * (int32_t)low_b + (int32_t)((low_a * low_b) >> 16);
  const int32_t other = (int32_t)low_a * high_b + (middle & 0xffff);
  return high_a * high_b + (middle >> 16) + (other >> 16);
#else
  return (int32_t)(((int64_t)a * b) >> 32);
#endif
}

/* sum * multiplier / 2^shift to nearest, half way up, for a shift from 33 to 62, with which the lower half of the product
   decides nothing. No operand is the lowest number. */
EDGEC_INLINE int32_t edgec_rescale_upper(int32_t sum, int32_t multiplier, int32_t shift)
{
  return edgec_shift_i32(edgec_upper(sum, multiplier), shift - 32);
}

/* The same for a shift from 1 on, within +-EDGEC_RESCALED_MAX. */
EDGEC_INLINE int32_t edgec_rescale_i32(int32_t sum, int32_t multiplier, int32_t shift)
{
  return shift > 32 ? edgec_rescale_upper(sum, multiplier, shift)
                    : edgec_saturate(edgec_shift_i64((int64_t)sum * multiplier, shift));
}

/* The same of a longer sum, where |sum * multiplier| < 2^62. */
EDGEC_INLINE int32_t edgec_rescale_i64(int64_t sum, int32_t multiplier, int32_t shift)
{
  return edgec_saturate(edgec_shift_i64(sum * multiplier, shift));
}

/* A rescaled sum as a code. */
EDGEC_INLINE int32_t edgec_code(int32_t rescaled, int32_t zero_point, int32_t low, int32_t high)
{
  const int32_t code = rescaled + zero_point;
  return code < low ? low : code > high ? high : code;
}

#endif
