/* Elementwise functions of bytes as tables of 256 results, that of the lowest byte first. */
#ifndef EDGEC_LOOKUP_H
#define EDGEC_LOOKUP_H

#include "edgec/quantized.h"

/* Over a run of elements. y may be x where they are of one type. */
#define EDGEC_LOOKUP_KERNEL(from, from_type, lowest, to, to_type)                                                   \
  EDGEC_KERNEL void edgec_lookup_##from##_##to(const from_type *x, const to_type *table, to_type *y, int32_t count) \
  {                                                                                                                 \
    for (int32_t i = 0; i < count; ++i) {                                                                           \
      y[i] = table[x[i] - (lowest)];                                                                                \
    }                                                                                                               \
  }

EDGEC_TO_QUANTIZED(EDGEC_LOOKUP_KERNEL, i8, int8_t, INT8_MIN)
EDGEC_TO_QUANTIZED(EDGEC_LOOKUP_KERNEL, u8, uint8_t, 0)

#endif
