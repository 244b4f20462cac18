/* Conversion between numbers and bytes on cores without floating-point instructions: the same results as by a division, or
   a multiplication, that a library computes, in integers. */
#ifndef EDGEC_SOFT_FLOAT_H
#define EDGEC_SOFT_FLOAT_H

#include "edgec/float_bits.h"

#if !defined(EDGEC_SOFT_FLOAT)
#if (defined(__arm__) && !defined(__ARM_FP)) || (defined(__riscv) && !defined(__riscv_flen))
#define EDGEC_SOFT_FLOAT 1
#else
#define EDGEC_SOFT_FLOAT 0
#endif
#endif

/* A scale: its exponent, its mantissa (2^23 .. 2^24 - 1), and 2^55 / mantissa rounded down; all 0 where it is not a normal
   positive number of a size that makes no quotient of bytes a denormal one. */
typedef struct {
  int32_t exponent;
  uint32_t mantissa;
  uint32_t reciprocal;
} edgec_soft_scale;

EDGEC_INLINE edgec_soft_scale edgec_soft_scale_of(float scale)
{
  const uint32_t bits = edgec_bits_f32(scale);
  edgec_soft_scale result = {(int32_t)(bits >> 23), (bits & 0x7fffffu) | 0x800000u, 0};
  if (result.exponent < 64 || result.exponent > 191) {
    const edgec_soft_scale none = {0, 0, 0};
    return none;
  }
  uint32_t rest = 0x800000u;
  for (int32_t bit = 0; bit < 32; ++bit) {
    rest <<= 1;
    const uint32_t fits = rest >= result.mantissa;
    rest -= fits ? result.mantissa : 0;
    result.reciprocal = (result.reciprocal << 1) | fits;
  }
  if (result.mantissa == 0x800000u) {
    result.reciprocal = UINT32_MAX;
  }
  return result;
}

/* The upper half of a product, or up to 3 less where 32 bits are all that a multiplication gives. */
EDGEC_INLINE uint32_t edgec_soft_upper(uint32_t a, uint32_t b)
{
#if defined(__ARM_ARCH_6M__) || defined(__ARM_ARCH_8M_BASE__)
  const uint32_t high = (a >> 16) * (b >> 16);
  return high + (((a >> 16) * (b & 0xffffu)) >> 16) + (((a & 0xffffu) * (b >> 16)) >> 16);
#else
  return (uint32_t)(((uint64_t)a * b) >> 32);
#endif
}

/* x / scale, rounded to f32 and then to the nearest integer, half way to even: whether that is known, as it is where the
   quotient is not too close to half way. Of quotients of 2^14 and more nothing is known, nor of NaN.
   With 2^16 for 1 the quotient is `low`, or at most 4 more. */
EDGEC_INLINE int32_t edgec_soft_quotient(uint32_t x, const edgec_soft_scale *scale, int32_t *quotient)
{
  const int32_t shift = 15 + scale->exponent - (int32_t)((x >> 23) & 0xffu);
  if (shift < 1 || scale->exponent == 0) {
    return 0;
  }
  if (shift > 31) {
    *quotient = 0;
    return 1;
  }
  const uint32_t low = edgec_soft_upper((x << 8) | EDGEC_SIGN_F32, scale->reciprocal) >> shift;
  const uint32_t near = 8u + (low >> 23);
  const uint32_t up = low + 0x8000u;
  const int32_t size = (int32_t)(up >> 16);
  *quotient = (x & EDGEC_SIGN_F32) != 0 ? -size : size;
  return ((up + near) & 0xffffu) > 2u * near;
}

/* n * scale rounded to f32, half way to even, for n from -255 to 255. */
EDGEC_INLINE float edgec_soft_product(int32_t n, const edgec_soft_scale *scale)
{
  const uint32_t product = (uint32_t)(n < 0 ? -n : n) * scale->mantissa;
  if (product == 0) {
    return 0.0f;
  }
  int32_t shift = product >> 28 != 0 ? 4 : 0;
  shift += product >> (shift + 26) != 0 ? 2 : 0;
  shift += product >> (shift + 25) != 0 ? 1 : 0;
  shift += product >> (shift + 24) != 0 ? 1 : 0;
  uint32_t kept = product >> shift;
  const uint32_t lost = product - (kept << shift);
  const uint32_t half = ((uint32_t)1 << shift) >> 1;
  kept += shift > 0 && (lost > half || (lost == half && (kept & 1u) != 0));
  const uint32_t bits = ((uint32_t)(scale->exponent + shift) << 23) + (kept - 0x800000u);
  return edgec_from_bits_f32(n < 0 ? bits | EDGEC_SIGN_F32 : bits);
}

#endif
