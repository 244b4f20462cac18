/* Softmax, float32. */
#ifndef EDGEC_SOFTMAX_F32_H
#define EDGEC_SOFTMAX_F32_H

#include "edgec/exp.h"
#include "edgec/max.h"

/* x and y are [outer][axis][inner]; y may be x. */
typedef struct {
  int32_t outer;
  int32_t axis;
  int32_t inner;
} edgec_softmax;

/* exp(x - max) / sum along the axis; the sum runs in ascending order. */
EDGEC_KERNEL void edgec_softmax_f32(const edgec_softmax *op, const float *x, float *y)
{
  for (int32_t o = 0; o < op->outer; ++o) {
    for (int32_t i = 0; i < op->inner; ++i) {
      const ptrdiff_t first = (ptrdiff_t)o * op->axis * op->inner + i;
      float top = -EDGEC_INFINITY;
      float sum = 0.0f;
      for (int32_t a = 0; a < op->axis; ++a) {
        top = edgec_max_scalar_f32(top, x[first + a * op->inner]);
      }
      for (int32_t a = 0; a < op->axis; ++a) {
        const float e = edgec_exp_scalar_f32(x[first + a * op->inner] - top);
        y[first + a * op->inner] = e;
        sum += e;
      }
      for (int32_t a = 0; a < op->axis; ++a) {
        y[first + a * op->inner] /= sum;
      }
    }
  }
}

#endif
