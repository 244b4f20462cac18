/* Elementwise functions of float32, on hosts. */
#ifndef EDGEC_ELEMENTWISE_LANES_F32_H
#define EDGEC_ELEMENTWISE_LANES_F32_H

#include "edgec/maths_lanes_f32.h"

/* y[i] = f(x[i]). y may be x. */
#define EDGEC_UNARY_LANES(name)                                                                       \
  EDGEC_KERNEL void EDGEC_LANES_KERNEL(name)(const float *x, float *y, int32_t count)                 \
  {                                                                                                   \
    for (int32_t i = 0; i < count; i += EDGEC_LANES) {                                                \
      edgec_lanes_put(y + i, edgec_lanes_##name(edgec_lanes_get(x + i, count - i)), count - i);       \
    }                                                                                                 \
  }

EDGEC_UNARY_LANES(exp)
EDGEC_UNARY_LANES(sigmoid)
EDGEC_UNARY_LANES(tanh)
EDGEC_UNARY_LANES(erf)
EDGEC_UNARY_LANES(gelu)

/* The operands of a run of results: each has as many elements, or (`step` 0) one that all meet. y may be an operand that has as
   many. */
#define EDGEC_BINARY_LANES_OPERAND(p)                                                                               \
  const edgec_lanes p##_lanes = p##_step ? edgec_lanes_get_else(p + i, count - i, 1.0f) : edgec_lanes_all(*p);

#define EDGEC_BINARY_LANES(name, value)                                                                                     \
  EDGEC_KERNEL void EDGEC_LANES_KERNEL(name)(int32_t count, int32_t a_step, int32_t b_step, float low, float high,          \
                                             const float *a, const float *b, float *y)                                      \
  {                                                                                                                         \
    for (int32_t i = 0; i < count; i += EDGEC_LANES) {                                                                      \
      EDGEC_BINARY_LANES_OPERAND(a)                                                                                         \
      EDGEC_BINARY_LANES_OPERAND(b)                                                                                         \
      edgec_lanes_put(y + i, edgec_lanes_clamp(value, low, high), count - i);                                               \
    }                                                                                                                       \
  }

EDGEC_BINARY_LANES(add, a_lanes + b_lanes)
EDGEC_BINARY_LANES(sub, a_lanes - b_lanes)
EDGEC_BINARY_LANES(mul, a_lanes *b_lanes)
EDGEC_BINARY_LANES(div, a_lanes / b_lanes)

#endif
