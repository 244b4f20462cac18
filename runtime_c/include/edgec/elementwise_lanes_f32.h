/* Elementwise functions of float32, on hosts. */
#ifndef EDGEC_ELEMENTWISE_LANES_F32_H
#define EDGEC_ELEMENTWISE_LANES_F32_H

#include "edgec/maths_lanes_f32.h"

/* y[i] = f(x[i], a, b), with as many parameters a and b as the function has, which come first. y may be x. */
#define EDGEC_UNARY_LANES_LOOP(...)                                             \
  int32_t i = 0;                                                                \
  for (; i + EDGEC_LANES <= count; i += EDGEC_LANES) {                          \
    const edgec_lanes value = edgec_lanes_load(x + i);                          \
    edgec_lanes_store(y + i, __VA_ARGS__);                                      \
  }                                                                             \
  if (i < count) {                                                              \
    const edgec_lanes value = edgec_lanes_load_some(x + i, count - i, 0.0f);    \
    edgec_lanes_store_some(y + i, __VA_ARGS__, count - i);                      \
  }
#define EDGEC_UNARY_LANES(name)                                                       \
  EDGEC_KERNEL void EDGEC_LANES_KERNEL(name)(const float *x, float *y, int32_t count) \
  {                                                                                   \
    EDGEC_UNARY_LANES_LOOP(edgec_lanes_##name(value))                                 \
  }
#define EDGEC_UNARY_LANES_1(name)                                                              \
  EDGEC_KERNEL void EDGEC_LANES_KERNEL(name)(float a, const float *x, float *y, int32_t count) \
  {                                                                                            \
    EDGEC_UNARY_LANES_LOOP(edgec_lanes_##name(value, a))                                       \
  }
#define EDGEC_UNARY_LANES_2(name)                                                                       \
  EDGEC_KERNEL void EDGEC_LANES_KERNEL(name)(float a, float b, const float *x, float *y, int32_t count) \
  {                                                                                                     \
    EDGEC_UNARY_LANES_LOOP(edgec_lanes_##name(value, a, b))                                             \
  }

EDGEC_UNARY_LANES(exp)
EDGEC_UNARY_LANES(sigmoid)
EDGEC_UNARY_LANES(tanh)
EDGEC_UNARY_LANES(erf)
EDGEC_UNARY_LANES(gelu)
EDGEC_UNARY_LANES(relu)
EDGEC_UNARY_LANES(hard_swish)
EDGEC_UNARY_LANES(sqrt)
EDGEC_UNARY_LANES(reciprocal)
EDGEC_UNARY_LANES_1(elu)
EDGEC_UNARY_LANES_1(leaky_relu)
EDGEC_UNARY_LANES_1(swish)
EDGEC_UNARY_LANES_2(clamp)
EDGEC_UNARY_LANES_2(hard_sigmoid)

/* The operands of a run of results: each has as many elements, or (`step` 0) one that all meet. y may be an operand that has as
   many. */
#define EDGEC_BINARY_LANES(name, value)                                                                                     \
  EDGEC_KERNEL void EDGEC_LANES_KERNEL(name)(int32_t count, int32_t a_step, int32_t b_step, float low, float high,          \
                                             const float *a, const float *b, float *y)                                      \
  {                                                                                                                         \
    int32_t i = 0;                                                                                                          \
    for (; i + EDGEC_LANES <= count; i += EDGEC_LANES) {                                                                    \
      const edgec_lanes a_lanes = a_step ? edgec_lanes_load(a + i) : edgec_lanes_all(*a);                                   \
      const edgec_lanes b_lanes = b_step ? edgec_lanes_load(b + i) : edgec_lanes_all(*b);                                   \
      edgec_lanes_store(y + i, edgec_lanes_clamp(value, low, high));                                                        \
    }                                                                                                                       \
    if (i < count) {                                                                                                        \
      const edgec_lanes a_lanes = a_step ? edgec_lanes_load_some(a + i, count - i, 1.0f) : edgec_lanes_all(*a);             \
      const edgec_lanes b_lanes = b_step ? edgec_lanes_load_some(b + i, count - i, 1.0f) : edgec_lanes_all(*b);             \
      edgec_lanes_store_some(y + i, edgec_lanes_clamp(value, low, high), count - i);                                        \
    }                                                                                                                       \
  }

EDGEC_BINARY_LANES(add, a_lanes + b_lanes)
EDGEC_BINARY_LANES(sub, a_lanes - b_lanes)
EDGEC_BINARY_LANES(mul, a_lanes *b_lanes)
EDGEC_BINARY_LANES(div, a_lanes / b_lanes)
EDGEC_BINARY_LANES(max, edgec_lanes_maximum(a_lanes, b_lanes))
EDGEC_BINARY_LANES(min, edgec_lanes_minimum(a_lanes, b_lanes))

#endif
