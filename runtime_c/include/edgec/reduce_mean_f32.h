/* Mean over axes, float32. */
#ifndef EDGEC_REDUCE_MEAN_F32_H
#define EDGEC_REDUCE_MEAN_F32_H

#include "edgec/reduce.h"

/* One result per index of the axes that are kept, y contiguous. A sum takes its elements in row-major order, starting at zero; then one division. */
EDGEC_KERNEL void edgec_reduce_mean_f32(const edgec_reduce *op, const float *x, float *y)
{
  for (int32_t i = 0; i < op->kept[0]; ++i) {
    for (int32_t j = 0; j < op->kept[1]; ++j) {
      for (int32_t k = 0; k < op->kept[2]; ++k) {
        const float *const first = x + (i * op->kept_stride[0] + j * op->kept_stride[1] + k * op->kept_stride[2]);
        float sum = 0.0f;
        for (int32_t p = 0; p < op->reduced[0]; ++p) {
          for (int32_t q = 0; q < op->reduced[1]; ++q) {
            const float *const element = first + (p * op->reduced_stride[0] + q * op->reduced_stride[1]);
            for (int32_t r = 0; r < op->reduced[2]; ++r) {
              sum += element[r * op->reduced_stride[2]];
            }
          }
        }
        *y++ = sum / (float)(op->reduced[0] * op->reduced[1] * op->reduced[2]);
      }
    }
  }
}

#endif
