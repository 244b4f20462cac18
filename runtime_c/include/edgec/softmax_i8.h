/* Softmax of bytes along the last axis, on hosts: edgec/softmax_quantized.h by vectors. */
#ifndef EDGEC_SOFTMAX_I8_H
#define EDGEC_SOFTMAX_I8_H

#include "edgec/elementwise_i8.h"

typedef struct {
  const int32_t *exponential; /* of what a byte is below the largest one */
  int64_t scaled;
  edgec_codes_i8 codes; /* without a multiplier */
} edgec_softmax_i8;

/* scratch: `count` exponentials, and EDGEC_SUMS more. */
EDGEC_KERNEL void EDGEC_LANES_I8(softmax)(const edgec_softmax_i8 *op, int32_t lines, int32_t count, const int8_t *x,
                                          int8_t *y, void *scratch)
{
  int32_t *const e = (int32_t *)scratch;
  for (int32_t line = 0; line < lines; ++line) {
    int32_t top = x[0];
    int64_t sum = 0;
    for (int32_t i = 1; i < count; ++i) {
      top = x[i] > top ? x[i] : top;
    }
    for (int32_t i = 0; i < count; ++i) {
      e[i] = op->exponential[top - x[i]];
      sum += e[i];
    }
    edgec_codes_i8 codes = op->codes;
    codes.multiplier = (int32_t)(op->scaled / sum);
    const edgec_scales scales = edgec_scales_all(&codes);
    EDGEC_EACH_VECTOR(count) {
      edgec_coded(&codes, &scales, edgec_load_sums(e + i), y + i, n);
    }
    x += count;
    y += count;
  }
}

#endif
