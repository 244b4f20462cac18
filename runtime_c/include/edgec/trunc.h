/* The integer part, exactly; -0 where it is 0 and x is negative. Accuracy: see docs/maths.md. */
#ifndef EDGEC_TRUNC_H
#define EDGEC_TRUNC_H

#include "edgec/float_bits.h"

EDGEC_INLINE float edgec_trunc_scalar_f32(float x)
{
  const uint32_t bits = edgec_bits_f32(x);
  const int32_t exponent = (int32_t)((bits >> 23) & 0xFF) - 127;
  if (exponent >= 23) {
    return x;
  }
  const uint32_t fraction = exponent < 0 ? ~EDGEC_SIGN_F32 : (uint32_t)0x007FFFFFu >> exponent;
  return edgec_from_bits_f32(bits & ~fraction);
}

EDGEC_INLINE double edgec_trunc_scalar_f64(double x)
{
  const uint64_t bits = edgec_bits_f64(x);
  const int32_t exponent = (int32_t)((bits >> 52) & 0x7FF) - 1023;
  if (exponent >= 52) {
    return x;
  }
  const uint64_t fraction = exponent < 0 ? ~EDGEC_SIGN_F64 : (uint64_t)0x000FFFFFFFFFFFFFu >> exponent;
  return edgec_from_bits_f64(bits & ~fraction);
}

#endif
