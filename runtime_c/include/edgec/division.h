/* Division of integers without traps: a divisor of 0 counts as 1, quotients wrap around. */
#ifndef EDGEC_DIVISION_H
#define EDGEC_DIVISION_H

#include "edgec/types.h"

/* Magnitudes are unsigned, so that the smallest number has one. */
#define EDGEC_DIVISION_SIGNED(suffix, type, wide)                                                 \
  EDGEC_INLINE wide edgec_magnitude_##suffix(type x)                                              \
  {                                                                                               \
    return x < 0 ? (wide)0 - (wide)x : (wide)x;                                                   \
  }                                                                                               \
  /* Rounded towards zero. */                                                                     \
  EDGEC_INLINE type edgec_quotient_##suffix(type a, type b)                                       \
  {                                                                                               \
    const wide quotient = edgec_magnitude_##suffix(a) / edgec_magnitude_##suffix(b == 0 ? 1 : b); \
    return (type)((a < 0) != (b < 0) ? (wide)0 - quotient : quotient);                            \
  }                                                                                               \
  /* With the sign of a. */                                                                       \
  EDGEC_INLINE type edgec_remainder_##suffix(type a, type b)                                      \
  {                                                                                               \
    const wide rest = edgec_magnitude_##suffix(a) % edgec_magnitude_##suffix(b == 0 ? 1 : b);     \
    return (type)(a < 0 ? (wide)0 - rest : rest);                                                 \
  }                                                                                               \
  /* With the sign of b. */                                                                       \
  EDGEC_INLINE type edgec_modulus_##suffix(type a, type b)                                        \
  {                                                                                               \
    const type rest = edgec_remainder_##suffix(a, b);                                             \
    return (rest != 0 && (rest < 0) != (b < 0)) ? (type)(rest + b) : rest;                        \
  }

#define EDGEC_DIVISION_UNSIGNED(suffix, type, wide)          \
  EDGEC_INLINE type edgec_quotient_##suffix(type a, type b)  \
  {                                                          \
    return (type)(a / (b == 0 ? 1 : b));                     \
  }                                                          \
  EDGEC_INLINE type edgec_remainder_##suffix(type a, type b) \
  {                                                          \
    return (type)(a % (b == 0 ? 1 : b));                     \
  }                                                          \
  EDGEC_INLINE type edgec_modulus_##suffix(type a, type b)   \
  {                                                          \
    return edgec_remainder_##suffix(a, b);                   \
  }

EDGEC_FOR_SIGNED(EDGEC_DIVISION_SIGNED)
EDGEC_FOR_UNSIGNED(EDGEC_DIVISION_UNSIGNED)

#endif
