/* The bits of IEEE 754 numbers: sign, exponent, mantissa. */
#ifndef EDGEC_FLOAT_BITS_H
#define EDGEC_FLOAT_BITS_H

#include "edgec/core.h"

EDGEC_INLINE uint32_t edgec_bits_f32(float x)
{
  union {
    float value;
    uint32_t bits;
  } number;
  number.value = x;
  return number.bits;
}

EDGEC_INLINE uint64_t edgec_bits_f64(double x)
{
  union {
    double value;
    uint64_t bits;
  } number;
  number.value = x;
  return number.bits;
}

EDGEC_INLINE float edgec_from_bits_f32(uint32_t bits)
{
  union {
    uint32_t bits;
    float value;
  } number;
  number.bits = bits;
  return number.value;
}

EDGEC_INLINE double edgec_from_bits_f64(uint64_t bits)
{
  union {
    uint64_t bits;
    double value;
  } number;
  number.bits = bits;
  return number.value;
}

#define EDGEC_SIGN_F32 ((uint32_t)1 << 31)
#define EDGEC_SIGN_F64 ((uint64_t)1 << 63)

/* |x|, also of -0 and NaN. */
EDGEC_INLINE float edgec_magnitude_f32(float x)
{
  return edgec_from_bits_f32(edgec_bits_f32(x) & ~EDGEC_SIGN_F32);
}

EDGEC_INLINE double edgec_magnitude_f64(double x)
{
  return edgec_from_bits_f64(edgec_bits_f64(x) & ~EDGEC_SIGN_F64);
}

/* x, which has no sign, with that of `sign`. */
EDGEC_INLINE float edgec_with_sign_f32(float x, float sign)
{
  return edgec_from_bits_f32(edgec_bits_f32(x) | (edgec_bits_f32(sign) & EDGEC_SIGN_F32));
}

EDGEC_INLINE double edgec_with_sign_f64(double x, double sign)
{
  return edgec_from_bits_f64(edgec_bits_f64(x) | (edgec_bits_f64(sign) & EDGEC_SIGN_F64));
}

/* 2^n for -126 <= n <= 127: the exponent field is n + 127. */
EDGEC_INLINE float edgec_power_of_two_f32(int32_t n)
{
  return edgec_from_bits_f32((uint32_t)(n + 127) << 23);
}

/* 2^n for -1022 <= n <= 1023: the exponent field is n + 1023. */
EDGEC_INLINE double edgec_power_of_two_f64(int32_t n)
{
  return edgec_from_bits_f64((uint64_t)(uint32_t)(n + 1023) << 52);
}

#endif
