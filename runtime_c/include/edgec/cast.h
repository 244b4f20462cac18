/* Conversions of element types to those that operators compute with. */
#ifndef EDGEC_CAST_H
#define EDGEC_CAST_H

#include "edgec/small_float.h"
#include "edgec/types.h"

/* X(suffix, storage type, number type, kind of number, decode, as float32 for encoding): the types to convert from.
   Integers of 4 and 2 bits are stored as i8 and u8, a bool is an u8 that is 0 or 1. */
#define EDGEC_FOR_SOURCES(X)                                                         \
  X(f32,        float,    float,    FLOAT,   ,                        )              \
  X(f64,        double,   double,   FLOAT,   ,                        edgec_odd_f64) \
  X(f16,        uint16_t, float,    FLOAT,   edgec_decode_f16,        )              \
  X(bf16,       uint16_t, float,    FLOAT,   edgec_decode_bf16,       )              \
  X(f8e4m3fn,   uint8_t,  float,    FLOAT,   edgec_decode_f8e4m3fn,   )              \
  X(f8e4m3fnuz, uint8_t,  float,    FLOAT,   edgec_decode_f8e4m3fnuz, )              \
  X(f8e5m2,     uint8_t,  float,    FLOAT,   edgec_decode_f8e5m2,     )              \
  X(f8e5m2fnuz, uint8_t,  float,    FLOAT,   edgec_decode_f8e5m2fnuz, )              \
  X(f8e8m0,     uint8_t,  float,    FLOAT,   edgec_decode_f8e8m0,     )              \
  X(f4e2m1,     uint8_t,  float,    FLOAT,   edgec_decode_f4e2m1,     )              \
  X(i8,         int8_t,   int8_t,   INTEGER, ,                        (float))       \
  X(u8,         uint8_t,  uint8_t,  INTEGER, ,                        (float))       \
  X(i16,        int16_t,  int16_t,  INTEGER, ,                        (float))       \
  X(u16,        uint16_t, uint16_t, INTEGER, ,                        (float))       \
  X(i32,        int32_t,  int32_t,  INTEGER, ,                        edgec_odd_f64) \
  X(u32,        uint32_t, uint32_t, INTEGER, ,                        edgec_odd_f64) \
  X(i64,        int64_t,  int64_t,  INTEGER, ,                        edgec_odd_i64) \
  X(u64,        uint64_t, uint64_t, INTEGER, ,                        edgec_odd_u64)

/* Float to integer truncates towards zero and saturates; NaN gives 0. `low` is the smallest value and `end` the first
   number beyond the largest; both are floats without rounding. */
#define EDGEC_CONVERT_FLOAT(number, type, low, end, last, x) \
  ((x) != (x) ? (type)0 : (x) < (number)(low) ? (type)(low) : (x) >= (number)(end) ? (type)(last) : (type)(x))

/* Integer to integer wraps around. */
#define EDGEC_CONVERT_INTEGER(number, type, low, end, last, x) ((type)(x))

/* Define kernel edgec_cast_<source>_<target> over a run of elements, `value` of each number n; y may not overlap x. */
#define EDGEC_CAST_KERNEL(source, from, number, decode, target, type, value)              \
  EDGEC_KERNEL void edgec_cast_##source##_##target(const from *x, type *y, int32_t count) \
  {                                                                                       \
    for (int32_t i = 0; i < count; ++i) {                                                 \
      const number n = decode(x[i]);                                                      \
      y[i] = value;                                                                       \
    }                                                                                     \
  }

#define EDGEC_CASTS_FROM(source, from, number, kind, decode, odd)                                          \
  EDGEC_CAST_KERNEL(source, from, number, decode, f32, float, (float)n)                                    \
  EDGEC_CAST_KERNEL(source, from, number, decode, f64, double, (double)n)                                  \
  EDGEC_CAST_KERNEL(source, from, number, decode, bool, uint8_t, (uint8_t)(n != 0))                        \
  EDGEC_CAST_KERNEL(source, from, number, decode, i8, int8_t,                                              \
                    EDGEC_CONVERT_##kind(number, int8_t, INT8_MIN, 128.0, INT8_MAX, n))                    \
  EDGEC_CAST_KERNEL(source, from, number, decode, u8, uint8_t,                                             \
                    EDGEC_CONVERT_##kind(number, uint8_t, 0, 256.0, UINT8_MAX, n))                         \
  EDGEC_CAST_KERNEL(source, from, number, decode, i16, int16_t,                                            \
                    EDGEC_CONVERT_##kind(number, int16_t, INT16_MIN, 32768.0, INT16_MAX, n))               \
  EDGEC_CAST_KERNEL(source, from, number, decode, u16, uint16_t,                                           \
                    EDGEC_CONVERT_##kind(number, uint16_t, 0, 65536.0, UINT16_MAX, n))                     \
  EDGEC_CAST_KERNEL(source, from, number, decode, i32, int32_t,                                            \
                    EDGEC_CONVERT_##kind(number, int32_t, INT32_MIN, 2147483648.0, INT32_MAX, n))          \
  EDGEC_CAST_KERNEL(source, from, number, decode, u32, uint32_t,                                           \
                    EDGEC_CONVERT_##kind(number, uint32_t, 0, 4294967296.0, UINT32_MAX, n))                \
  EDGEC_CAST_KERNEL(source, from, number, decode, i64, int64_t,                                            \
                    EDGEC_CONVERT_##kind(number, int64_t, INT64_MIN, 9223372036854775808.0, INT64_MAX, n)) \
  EDGEC_CAST_KERNEL(source, from, number, decode, u64, uint64_t,                                           \
                    EDGEC_CONVERT_##kind(number, uint64_t, 0, 18446744073709551616.0, UINT64_MAX, n))

EDGEC_FOR_SOURCES(EDGEC_CASTS_FROM)

#endif
