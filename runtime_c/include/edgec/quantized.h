/* The element types of quantized values, to define one kernel for each, and sums whose addends share a shift. */
#ifndef EDGEC_QUANTIZED_H
#define EDGEC_QUANTIZED_H

#include "edgec/requantize.h"

/* Define a kernel for each element type of the result: X(what is given, result's suffix and type). */
#define EDGEC_TO_QUANTIZED(X, ...) \
  X(__VA_ARGS__, i8, int8_t)       \
  X(__VA_ARGS__, u8, uint8_t)      \
  X(__VA_ARGS__, i16, int16_t)

/* For each pair of operands: X(a's suffix and type, b's suffix and type, sum's suffix). */
#define EDGEC_FOR_QUANTIZED_PAIRS(X) \
  X(i8, int8_t, i8, int8_t, i32)     \
  X(i8, int8_t, u8, uint8_t, i32)    \
  X(u8, uint8_t, i8, int8_t, i32)    \
  X(u8, uint8_t, u8, uint8_t, i32)   \
  X(i8, int8_t, i16, int16_t, i64)   \
  X(u8, uint8_t, i16, int16_t, i64)  \
  X(i16, int16_t, i8, int8_t, i64)   \
  X(i16, int16_t, u8, uint8_t, i64)  \
  X(i16, int16_t, i16, int16_t, i64)

/* For each operand: X(its suffix and type, a sum's suffix). 32 bits hold fewer than 2^15 addends of 16 bits. */
#define EDGEC_FOR_QUANTIZED_SUMS(X) \
  X(i8, int8_t, i32)                \
  X(u8, uint8_t, i32)               \
  X(i16, int16_t, i32)              \
  X(i16, int16_t, i64)

/* What is exact on the way, too. */
typedef int32_t edgec_exact_i32;
typedef int64_t edgec_exact_i64;

/* What codes become: zero point and limits of the result. */
typedef struct {
  int32_t zero_point;
  int32_t low;
  int32_t high;
} edgec_result;

/* A sum of codes times multipliers that share a shift, begun at what makes up for the zero points and for rounding. In
   32 bits it may wrap around on the way, as it fits in the end. */
typedef uint32_t edgec_shared_i32;
typedef int64_t edgec_shared_i64;

EDGEC_INLINE int32_t edgec_shared_code_i32(edgec_shared_i32 sum, int32_t shift, const edgec_result *result)
{
  return edgec_code((int32_t)sum >> shift, result->zero_point, result->low, result->high);
}

EDGEC_INLINE int32_t edgec_shared_code_i64(edgec_shared_i64 sum, int32_t shift, const edgec_result *result)
{
  return edgec_code(edgec_saturate(sum >> shift), result->zero_point, result->low, result->high);
}

#endif
