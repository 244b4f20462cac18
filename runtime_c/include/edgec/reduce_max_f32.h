/* Maximum over axes, float32. */
#ifndef EDGEC_REDUCE_MAX_F32_H
#define EDGEC_REDUCE_MAX_F32_H

#include "edgec/max.h"
#include "edgec/reduce.h"

/* One result per index of the axes that are kept, y contiguous. NaN wins. */
EDGEC_KERNEL void edgec_reduce_max_f32(const edgec_reduce *op, const float *x, float *y)
{
  for (int32_t i = 0; i < op->kept[0]; ++i) {
    for (int32_t j = 0; j < op->kept[1]; ++j) {
      for (int32_t k = 0; k < op->kept[2]; ++k) {
        const float *const first = x + (i * op->kept_stride[0] + j * op->kept_stride[1] + k * op->kept_stride[2]);
        float top = -EDGEC_INFINITY;
        for (int32_t p = 0; p < op->reduced[0]; ++p) {
          for (int32_t q = 0; q < op->reduced[1]; ++q) {
            const float *const element = first + (p * op->reduced_stride[0] + q * op->reduced_stride[1]);
            for (int32_t r = 0; r < op->reduced[2]; ++r) {
              top = edgec_max_scalar_f32(top, element[r * op->reduced_stride[2]]);
            }
          }
        }
        *y++ = top;
      }
    }
  }
}

#endif
