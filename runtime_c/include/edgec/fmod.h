/* Remainder of x / y, exactly, with the sign of x. Accuracy: see docs/maths.md. */
#ifndef EDGEC_FMOD_H
#define EDGEC_FMOD_H

#include "edgec/binary.h"
#include "edgec/division.h"
#include "edgec/float_bits.h"

/* x = a 2^m, y = b 2^n with integers a and b of 24 bits: long division, one bit of the power 2^(m - n) a step. a stays
   below 2 b. No division: in 64 bits 32-bit cores have none, and its replacement may call for a C library. */
EDGEC_FUNCTION float edgec_fmod_scalar_f32(float x, float y)
{
  const uint32_t size = edgec_bits_f32(x) & ~EDGEC_SIGN_F32;
  const uint32_t divisor = edgec_bits_f32(y) & ~EDGEC_SIGN_F32;
  const uint32_t infinity = (uint32_t)0xFF << 23;
  if (size >= infinity || divisor > infinity || divisor == 0) {
    return EDGEC_NAN;
  }
  if (size < divisor) {
    return x;
  }
  const uint32_t leading = (uint32_t)1 << 23;
  int32_t m = (int32_t)(size >> 23);
  int32_t n = (int32_t)(divisor >> 23);
  uint32_t a = (size & (leading - 1)) | (m > 0 ? leading : 0);
  uint32_t b = (divisor & (leading - 1)) | (n > 0 ? leading : 0);
  for (m = m > 0 ? m : 1; a < leading; --m) {
    a <<= 1;
  }
  for (n = n > 0 ? n : 1; b < leading; --n) {
    b <<= 1;
  }
  for (; m > n; --m) {
    a = (a >= b ? a - b : a) << 1;
  }
  a = a >= b ? a - b : a;
  if (a == 0) {
    return edgec_with_sign_f32(0.0f, x);
  }
  for (; a < leading && n > 1; --n) {
    a <<= 1;
  }
  for (; n < 1; ++n) {
    a >>= 1;
  }
  /* The leading one counts as one in the exponent field. */
  return edgec_with_sign_f32(edgec_from_bits_f32(((uint32_t)(n - 1) << 23) + a), x);
}

/* The same with integers of 53 bits. */
EDGEC_FUNCTION double edgec_fmod_scalar_f64(double x, double y)
{
  const uint64_t size = edgec_bits_f64(x) & ~EDGEC_SIGN_F64;
  const uint64_t divisor = edgec_bits_f64(y) & ~EDGEC_SIGN_F64;
  const uint64_t infinity = (uint64_t)0x7FF << 52;
  if (size >= infinity || divisor > infinity || divisor == 0) {
    return (double)EDGEC_NAN;
  }
  if (size < divisor) {
    return x;
  }
  const uint64_t leading = (uint64_t)1 << 52;
  int32_t m = (int32_t)(size >> 52);
  int32_t n = (int32_t)(divisor >> 52);
  uint64_t a = (size & (leading - 1)) | (m > 0 ? leading : 0);
  uint64_t b = (divisor & (leading - 1)) | (n > 0 ? leading : 0);
  for (m = m > 0 ? m : 1; a < leading; --m) {
    a <<= 1;
  }
  for (n = n > 0 ? n : 1; b < leading; --n) {
    b <<= 1;
  }
  for (; m > n; --m) {
    a = (a >= b ? a - b : a) << 1;
  }
  a = a >= b ? a - b : a;
  if (a == 0) {
    return edgec_with_sign_f64(0.0, x);
  }
  for (; a < leading && n > 1; --n) {
    a <<= 1;
  }
  for (; n < 1; ++n) {
    a >>= 1;
  }
  /* The leading one counts as one in the exponent field. */
  return edgec_with_sign_f64(edgec_from_bits_f64(((uint64_t)(uint32_t)(n - 1) << 52) + a), x);
}

#define EDGEC_FMOD_INTEGER(suffix, type, wide)                 \
  EDGEC_INLINE type edgec_fmod_scalar_##suffix(type a, type b) \
  {                                                            \
    return edgec_remainder_##suffix(a, b);                     \
  }                                                            \
  EDGEC_BINARY_KERNEL(fmod, suffix, type, type)

EDGEC_BINARY_KERNEL(fmod, f32, float, float)
EDGEC_BINARY_KERNEL(fmod, f64, double, double)
EDGEC_FOR_INTEGERS(EDGEC_FMOD_INTEGER)

#endif
