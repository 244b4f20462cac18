/* Numbers to bytes and back on hosts. Code generation proves that the reciprocal of the scale, in two parts, gives the
   integers that a division gives; where it cannot, `upper` is 0 and it is divided. */
#ifndef EDGEC_QUANTIZE_LANES_H
#define EDGEC_QUANTIZE_LANES_H

#include "edgec/elementwise_i8.h"

typedef struct {
  float scale;
  float upper;
  float lower;
  int32_t zero_point;
} edgec_quantize_lanes;

EDGEC_KERNEL void EDGEC_LANES_I8(quantize)(const edgec_quantize_lanes *op, const float *x, int8_t *y, int32_t count)
{
  const float low = (float)(-128 - op->zero_point);
  const float high = (float)(127 - op->zero_point);
  EDGEC_EACH_VECTOR(count) {
    const edgec_floats from = edgec_load_floats(x + i, n);
    const edgec_floats quotient =
        op->upper == 0.0f ? from / op->scale : edgec_fused(from, edgec_all_floats(op->upper), from * op->lower);
    edgec_store_codes(edgec_to_integers(quotient, low, high), op->zero_point, -128, 127, y + i, n);
  }
}

EDGEC_KERNEL void EDGEC_LANES_I8(dequantize)(const edgec_quantize_lanes *op, const int8_t *x, float *y, int32_t count)
{
  EDGEC_EACH_VECTOR(count) {
    edgec_store_floats(y + i, edgec_to_floats(edgec_load_bytes(x + i, n) - op->zero_point) * op->scale, n);
  }
}

#endif
