/* Sums of integers to the codes of a quantized result: rescaled, rounded once, zero point added, clamped. Exact; the
   parameters are those of edgec/ir/requantization.py. */
#ifndef EDGEC_REQUANTIZE_H
#define EDGEC_REQUANTIZE_H

#include "edgec/core.h"

/* What rescaled sums saturate at: further out than any clamp, and a zero point still fits 32 bits. */
#define EDGEC_RESCALED_MAX (INT32_C(1) << 30)

/* x / 2^shift to nearest, half way up; shift >= 1, and x + 2^(shift - 1) fits. Signed shifts are arithmetic in every
   compiler that we know. */
EDGEC_INLINE int32_t edgec_shift_i32(int32_t x, int32_t shift)
{
  return (x + (INT32_C(1) << (shift - 1))) >> shift;
}

EDGEC_INLINE int64_t edgec_shift_i64(int64_t x, int32_t shift)
{
  return (x + (INT64_C(1) << (shift - 1))) >> shift;
}

EDGEC_INLINE int32_t edgec_saturate(int64_t x)
{
  return x < -EDGEC_RESCALED_MAX ? -EDGEC_RESCALED_MAX : x > EDGEC_RESCALED_MAX ? EDGEC_RESCALED_MAX : (int32_t)x;
}

/* sum * multiplier / 2^shift to nearest, half way up, within +-EDGEC_RESCALED_MAX; 1 <= shift <= 62. Of a shift above 32
   the lower half of the product decides nothing: one multiplication for the upper half is enough. */
EDGEC_INLINE int32_t edgec_rescale_i32(int32_t sum, int32_t multiplier, int32_t shift)
{
  const int64_t product = (int64_t)sum * multiplier;
  return shift > 32 ? edgec_shift_i32((int32_t)(product >> 32), shift - 32)
                    : edgec_saturate(edgec_shift_i64(product, shift));
}

/* The same where |sum * multiplier| < 2^62. */
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
