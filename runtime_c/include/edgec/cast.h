/* Conversions of element types. */
#ifndef EDGEC_CAST_H
#define EDGEC_CAST_H

#include "edgec/core.h"

/* Integer to float rounds to nearest, float to float too; integer to integer wraps around. */
#define EDGEC_CONVERT_PLAIN(from, to, type, low, end, x) ((type)(x))

/* Float to integer truncates towards zero and saturates; NaN gives 0. `low` is the smallest value and `end` the first
   number beyond the largest; both are floats without rounding. */
#define EDGEC_CONVERT_SATURATE(from, to, type, low, end, x) \
  ((x) != (x) ? (type)0 : (x) < (from)(low) ? (type)(low) : (x) >= (from)(end) ? EDGEC_LAST_##to : (type)(x))

#define EDGEC_CONVERT_BOOL(from, to, type, low, end, x) ((type)((x) != 0))

#define EDGEC_LAST_i8 INT8_MAX
#define EDGEC_LAST_u8 UINT8_MAX
#define EDGEC_LAST_i16 INT16_MAX
#define EDGEC_LAST_u16 UINT16_MAX
#define EDGEC_LAST_i32 INT32_MAX
#define EDGEC_LAST_u32 UINT32_MAX
#define EDGEC_LAST_i64 INT64_MAX
#define EDGEC_LAST_u64 UINT64_MAX

/* Define kernel edgec_cast_<source>_<target> over a run of elements; y may not overlap x. */
#define EDGEC_CAST_KERNEL(source, from, convert, to, type, low, end)                                                  \
  EDGEC_KERNEL void edgec_cast_##source##_##to(const from *x, type *y, int32_t count)                                 \
  {                                                                                                                   \
    for (int32_t i = 0; i < count; ++i) {                                                                             \
      y[i] = convert(from, to, type, low, end, x[i]);                                                                 \
    }                                                                                                                 \
  }

/* From one type to all; `narrow` converts to integers. A bool is an uint8_t that is 0 or 1. */
#define EDGEC_CASTS_FROM(source, from, narrow)                                                                        \
  EDGEC_CAST_KERNEL(source, from, EDGEC_CONVERT_PLAIN, f32, float, 0, 0)                                              \
  EDGEC_CAST_KERNEL(source, from, EDGEC_CONVERT_PLAIN, f64, double, 0, 0)                                             \
  EDGEC_CAST_KERNEL(source, from, narrow, i8, int8_t, INT8_MIN, 128.0)                                                \
  EDGEC_CAST_KERNEL(source, from, narrow, u8, uint8_t, 0, 256.0)                                                      \
  EDGEC_CAST_KERNEL(source, from, narrow, i16, int16_t, INT16_MIN, 32768.0)                                           \
  EDGEC_CAST_KERNEL(source, from, narrow, u16, uint16_t, 0, 65536.0)                                                  \
  EDGEC_CAST_KERNEL(source, from, narrow, i32, int32_t, INT32_MIN, 2147483648.0)                                      \
  EDGEC_CAST_KERNEL(source, from, narrow, u32, uint32_t, 0, 4294967296.0)                                             \
  EDGEC_CAST_KERNEL(source, from, narrow, i64, int64_t, INT64_MIN, 9223372036854775808.0)                             \
  EDGEC_CAST_KERNEL(source, from, narrow, u64, uint64_t, 0, 18446744073709551616.0)                                   \
  EDGEC_CAST_KERNEL(source, from, EDGEC_CONVERT_BOOL, bool, uint8_t, 0, 0)

EDGEC_CASTS_FROM(f32, float, EDGEC_CONVERT_SATURATE)
EDGEC_CASTS_FROM(f64, double, EDGEC_CONVERT_SATURATE)
EDGEC_CASTS_FROM(i8, int8_t, EDGEC_CONVERT_PLAIN)
EDGEC_CASTS_FROM(u8, uint8_t, EDGEC_CONVERT_PLAIN)
EDGEC_CASTS_FROM(i16, int16_t, EDGEC_CONVERT_PLAIN)
EDGEC_CASTS_FROM(u16, uint16_t, EDGEC_CONVERT_PLAIN)
EDGEC_CASTS_FROM(i32, int32_t, EDGEC_CONVERT_PLAIN)
EDGEC_CASTS_FROM(u32, uint32_t, EDGEC_CONVERT_PLAIN)
EDGEC_CASTS_FROM(i64, int64_t, EDGEC_CONVERT_PLAIN)
EDGEC_CASTS_FROM(u64, uint64_t, EDGEC_CONVERT_PLAIN)
EDGEC_CASTS_FROM(bool, uint8_t, EDGEC_CONVERT_PLAIN)

#endif
