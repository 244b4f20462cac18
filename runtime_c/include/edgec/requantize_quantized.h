/* The same numbers with another scale, zero point or element type. */
#ifndef EDGEC_REQUANTIZE_QUANTIZED_H
#define EDGEC_REQUANTIZE_QUANTIZED_H

#include "edgec/quantized.h"

typedef struct {
  int32_t x_zero;
  int32_t multiplier;
  int32_t shift;
  edgec_result result;
} edgec_requantize;

/* Over a run of elements. y may be x where they are of one type. */
#define EDGEC_REQUANTIZE_KERNEL(from, from_type, to, to_type)                                                  \
  EDGEC_KERNEL void edgec_requantize_##from##_##to(const edgec_requantize *op, const from_type *x, to_type *y, \
                                                   int32_t count)                                              \
  {                                                                                                            \
    const edgec_result *const result = &op->result;                                                            \
    for (int32_t i = 0; i < count; ++i) {                                                                      \
      const int32_t scaled = edgec_rescale_i32(x[i] - op->x_zero, op->multiplier, op->shift);                  \
      y[i] = (to_type)edgec_code(scaled, result->zero_point, result->low, result->high);                       \
    }                                                                                                          \
  }

EDGEC_TO_QUANTIZED(EDGEC_REQUANTIZE_KERNEL, i8, int8_t)
EDGEC_TO_QUANTIZED(EDGEC_REQUANTIZE_KERNEL, u8, uint8_t)
EDGEC_TO_QUANTIZED(EDGEC_REQUANTIZE_KERNEL, i16, int16_t)

#endif
