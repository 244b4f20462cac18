/* The same numbers with another scale, zero point or element type. */
#ifndef EDGEC_REQUANTIZE_QUANTIZED_H
#define EDGEC_REQUANTIZE_QUANTIZED_H

#include "edgec/quantized.h"

/* `begin` makes up for x's zero point and for rounding. */
typedef struct {
  int32_t multiplier;
  int64_t begin;
  int32_t shift;
  edgec_result result;
} edgec_requantize;

/* Over a run of elements. y may be x where they are of one type. */
#define EDGEC_REQUANTIZE_KERNEL(from, from_type, sum, to, to_type)                                             \
  EDGEC_KERNEL void edgec_requantize_##from##_##to(const edgec_requantize *op, const from_type *x, to_type *y, \
                                                   int32_t count)                                              \
  {                                                                                                            \
    const edgec_shared_##sum multiplier = (edgec_shared_##sum)op->multiplier;                                  \
    const edgec_shared_##sum begin = (edgec_shared_##sum)op->begin;                                            \
    for (int32_t i = 0; i < count; ++i) {                                                                      \
      const edgec_shared_##sum scaled = begin + (edgec_shared_##sum)x[i] * multiplier;                         \
      y[i] = (to_type)edgec_shared_code_##sum(scaled, op->shift, &op->result);                                 \
    }                                                                                                          \
  }

EDGEC_TO_QUANTIZED(EDGEC_REQUANTIZE_KERNEL, i8, int8_t, i32)
EDGEC_TO_QUANTIZED(EDGEC_REQUANTIZE_KERNEL, u8, uint8_t, i32)
EDGEC_TO_QUANTIZED(EDGEC_REQUANTIZE_KERNEL, i16, int16_t, i64)

#endif
