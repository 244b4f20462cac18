/* Conversions of element types to those that are only stored. */
#ifndef EDGEC_CAST_STORED_H
#define EDGEC_CAST_STORED_H

#include "edgec/cast.h"

/* Define kernel edgec_cast_<source>_<target> of floats of 8 bits: `saturate`, and the way to round to a power of two. */
#define EDGEC_CAST_F8_KERNEL(source, from, decode, odd, target)                                                \
  EDGEC_KERNEL void edgec_cast_##source##_##target(int32_t saturate, const from *x, uint8_t *y, int32_t count) \
  {                                                                                                            \
    for (int32_t i = 0; i < count; ++i) {                                                                      \
      y[i] = edgec_encode_##target(odd(decode(x[i])), saturate);                                               \
    }                                                                                                          \
  }

#define EDGEC_CAST_POWER_KERNEL(source, from, decode, odd)                                                  \
  EDGEC_KERNEL void edgec_cast_##source##_f8e8m0(int32_t saturate, int32_t mode, const from *x, uint8_t *y, \
                                                 int32_t count)                                             \
  {                                                                                                         \
    for (int32_t i = 0; i < count; ++i) {                                                                   \
      y[i] = edgec_encode_f8e8m0(odd(decode(x[i])), saturate, mode);                                        \
    }                                                                                                       \
  }

/* The bits that integers of 4 and 2 bits keep, of a float by way of i32. */
#define EDGEC_WRAP_FLOAT(number, n) ((uint32_t)EDGEC_CONVERT_FLOAT(number, int32_t, INT32_MIN, 2147483648.0, INT32_MAX, n))
#define EDGEC_WRAP_INTEGER(number, n) ((uint32_t)(n))
#define EDGEC_LOW_BITS_SIGNED(bits, x) \
  ((int8_t)((int32_t)(((x) + (1u << (bits - 1))) & ((1u << bits) - 1)) - (1 << (bits - 1))))
#define EDGEC_LOW_BITS_UNSIGNED(bits, x) ((uint8_t)((x) & ((1u << bits) - 1)))

#define EDGEC_CASTS_STORED_FROM(source, from, number, kind, decode, odd)                           \
  EDGEC_CAST_KERNEL(source, from, number, decode, f16, uint16_t, edgec_encode_f16(odd(n), 0))      \
  EDGEC_CAST_KERNEL(source, from, number, decode, bf16, uint16_t, edgec_encode_bf16(odd(n), 0))    \
  EDGEC_CAST_KERNEL(source, from, number, decode, f4e2m1, uint8_t, edgec_encode_f4e2m1(odd(n), 0)) \
  EDGEC_CAST_F8_KERNEL(source, from, decode, odd, f8e4m3fn)                                        \
  EDGEC_CAST_F8_KERNEL(source, from, decode, odd, f8e4m3fnuz)                                      \
  EDGEC_CAST_F8_KERNEL(source, from, decode, odd, f8e5m2)                                          \
  EDGEC_CAST_F8_KERNEL(source, from, decode, odd, f8e5m2fnuz)                                      \
  EDGEC_CAST_POWER_KERNEL(source, from, decode, odd)                                               \
  EDGEC_CAST_KERNEL(source, from, number, decode, i4, int8_t,                                      \
                    EDGEC_LOW_BITS_SIGNED(4, EDGEC_WRAP_##kind(number, n)))                        \
  EDGEC_CAST_KERNEL(source, from, number, decode, u4, uint8_t,                                     \
                    EDGEC_LOW_BITS_UNSIGNED(4, EDGEC_WRAP_##kind(number, n)))                      \
  EDGEC_CAST_KERNEL(source, from, number, decode, i2, int8_t,                                      \
                    EDGEC_LOW_BITS_SIGNED(2, EDGEC_WRAP_##kind(number, n)))                        \
  EDGEC_CAST_KERNEL(source, from, number, decode, u2, uint8_t,                                     \
                    EDGEC_LOW_BITS_UNSIGNED(2, EDGEC_WRAP_##kind(number, n)))

EDGEC_FOR_SOURCES(EDGEC_CASTS_STORED_FROM)

#endif
