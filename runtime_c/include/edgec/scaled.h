/* What quantize and dequantize have in common: a tensor and the scales of its parts. */
#ifndef EDGEC_SCALED_H
#define EDGEC_SCALED_H

#include "edgec/small_float.h"

/* x and y are [outer][channels][inner]. Element [o][c][i] has the scale at o * outer_stride + c / block *
   channel_stride + i * inner_stride: one for all, one for each channel, or one for each block along the channels. */
typedef struct {
  int32_t outer;
  int32_t channels;
  int32_t inner;
  int32_t block;
  int32_t outer_stride;
  int32_t channel_stride;
  int32_t inner_stride;
} edgec_scaled;

/* For each run of elements that share a scale s what is `given` by it, and then `statement` for each element n. */
#define EDGEC_SCALED_RUNS(given, statement)                                                               \
  ptrdiff_t n = 0;                                                                                        \
  for (int32_t o = 0; o < op->outer; ++o) {                                                               \
    for (int32_t c = 0; c < op->channels; ++c) {                                                          \
      ptrdiff_t s = (ptrdiff_t)o * op->outer_stride + (ptrdiff_t)(c / op->block) * op->channel_stride;    \
      given                                                                                               \
      for (int32_t i = 0; i < op->inner; ++i, ++n, s += op->inner_stride) {                               \
        statement;                                                                                        \
      }                                                                                                   \
    }                                                                                                     \
  }

/* `statement` for each element n and its scale s. */
#define EDGEC_SCALED_LOOPS(statement) EDGEC_SCALED_RUNS(, statement)

/* Whether runs are long enough for what a scale gives. */
EDGEC_INLINE int32_t edgec_long_runs(const edgec_scaled *op)
{
  return op->inner_stride == 0 && op->inner >= 8;
}

#endif
