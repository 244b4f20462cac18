/* The element types that kernels compute with, as lists to define one kernel for each. */
#ifndef EDGEC_TYPES_H
#define EDGEC_TYPES_H

#include "edgec/core.h"

/* X(suffix, type, wide); `wide` is the type again. */
#define EDGEC_FOR_FLOATS(X) \
  X(f32, float, float) \
  X(f64, double, double)

/* X(suffix, type, wide): `wide` is an unsigned type in which arithmetic wraps around, as wide as int at least. */
#define EDGEC_FOR_SIGNED(X) \
  X(i8, int8_t, uint32_t)   \
  X(i16, int16_t, uint32_t) \
  X(i32, int32_t, uint32_t) \
  X(i64, int64_t, uint64_t)

#define EDGEC_FOR_UNSIGNED(X) \
  X(u8, uint8_t, uint32_t)    \
  X(u16, uint16_t, uint32_t)  \
  X(u32, uint32_t, uint32_t)  \
  X(u64, uint64_t, uint64_t)

#define EDGEC_FOR_INTEGERS(X) EDGEC_FOR_SIGNED(X) EDGEC_FOR_UNSIGNED(X)

/* Limits, by suffix. */
#define EDGEC_BITS_i8 8
#define EDGEC_BITS_u8 8
#define EDGEC_BITS_i16 16
#define EDGEC_BITS_u16 16
#define EDGEC_BITS_i32 32
#define EDGEC_BITS_u32 32
#define EDGEC_BITS_i64 64
#define EDGEC_BITS_u64 64

#endif
