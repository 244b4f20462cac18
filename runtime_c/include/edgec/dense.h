/* Fully connected layers. Integers wrap around. float32 is in dense_f32.h. */
#ifndef EDGEC_DENSE_H
#define EDGEC_DENSE_H

#include "edgec/clamp.h"

/* x is [pixels][in], weights are [out][in], y is [pixels][out]: clamp(bias + sum of x * weights), the sum in ascending
   order, starting at the bias. */
#define EDGEC_DENSE(suffix, type, wide)                                                                               \
  EDGEC_KERNEL void edgec_dense_##suffix(int32_t pixels, int32_t in, int32_t out, type low, type high, const type *x, \
                                         const type *weights, const type *bias, type *y)                              \
  {                                                                                                                   \
    for (int32_t p = 0; p < pixels; ++p) {                                                                            \
      for (int32_t o = 0; o < out; ++o) {                                                                             \
        const type *const row = weights + (ptrdiff_t)o * in;                                                          \
        wide sum = (wide)bias[o];                                                                                     \
        for (int32_t i = 0; i < in; ++i) {                                                                            \
          sum += (wide)x[i] * (wide)row[i];                                                                           \
        }                                                                                                             \
        *y++ = edgec_clamp_##suffix((type)sum, low, high);                                                            \
      }                                                                                                               \
      x += in;                                                                                                        \
    }                                                                                                                 \
  }

EDGEC_DENSE(f64, double, double)
EDGEC_FOR_INTEGERS(EDGEC_DENSE)

#endif
