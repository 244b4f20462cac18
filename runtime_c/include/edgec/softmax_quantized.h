/* Softmax of bytes along one axis. */
#ifndef EDGEC_SOFTMAX_QUANTIZED_H
#define EDGEC_SOFTMAX_QUANTIZED_H

#include "edgec/along.h"
#include "edgec/quantized.h"

/* exponential[d] stands for exp(-d) in steps of x, times 2^30; `scaled` is 2^shift over the scale of the result, below
   2^61, so that its quotient by a sum of exponentials, one of which is 2^30, fits 31 bits. */
typedef struct {
  const int32_t *exponential;
  int64_t scaled;
  int32_t shift;
  edgec_result result;
} edgec_softmax;

/* One division a line. y may be x where they are of one type. */
#define EDGEC_SOFTMAX_QUANTIZED(x_suffix, x_type, y_suffix, y_type)                                            \
  EDGEC_KERNEL void edgec_softmax_##x_suffix##_##y_suffix(const edgec_along *op, const edgec_softmax *softmax, \
                                                          const x_type *x, y_type *y)                          \
  {                                                                                                            \
    const edgec_result *const result = &softmax->result;                                                       \
    EDGEC_ALONG_LINES(                                                                                         \
        x_type, y_type, op->axis, int32_t top = from[0]; int64_t sum = 0;                                      \
        for (int32_t a = 1; a < op->axis; ++a) {                                                               \
          top = from[a * op->inner] > top ? from[a * op->inner] : top;                                         \
        } for (int32_t a = 0; a < op->axis; ++a) {                                                             \
          sum += softmax->exponential[top - from[a * op->inner]];                                              \
        } const int32_t quotient = (int32_t)(softmax->scaled / sum);                                           \
        for (int32_t a = 0; a < op->axis; ++a) {                                                               \
          const int32_t e = softmax->exponential[top - from[a * op->inner]];                                   \
          const int32_t scaled = edgec_rescale_i32(e, quotient, softmax->shift);                               \
          to[a * op->inner] = (y_type)edgec_code(scaled, result->zero_point, result->low, result->high);       \
        })                                                                                                     \
  }

EDGEC_TO_QUANTIZED(EDGEC_SOFTMAX_QUANTIZED, i8, int8_t)
EDGEC_TO_QUANTIZED(EDGEC_SOFTMAX_QUANTIZED, u8, uint8_t)

#endif
