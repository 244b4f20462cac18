/* What the elementwise functions of one tensor have in common. */
#ifndef EDGEC_UNARY_H
#define EDGEC_UNARY_H

#include "edgec/types.h"

/* Define kernel edgec_<name>_<suffix> over a run of elements: y = edgec_<name>_scalar_<suffix>(x). y may be x. */
#define EDGEC_UNARY_KERNEL(name, suffix, from, to)                               \
  EDGEC_KERNEL void edgec_##name##_##suffix(const from *x, to *y, int32_t count) \
  {                                                                              \
    for (int32_t i = 0; i < count; ++i) {                                        \
      y[i] = edgec_##name##_scalar_##suffix(x[i]);                               \
    }                                                                            \
  }

/* The same with one and two parameters before the run. */
#define EDGEC_UNARY_KERNEL_1(name, suffix, parameter, type)                                     \
  EDGEC_KERNEL void edgec_##name##_##suffix(parameter a, const type *x, type *y, int32_t count) \
  {                                                                                             \
    for (int32_t i = 0; i < count; ++i) {                                                       \
      y[i] = edgec_##name##_scalar_##suffix(a, x[i]);                                           \
    }                                                                                           \
  }

#define EDGEC_UNARY_KERNEL_2(name, suffix, parameter, type)                                                  \
  EDGEC_KERNEL void edgec_##name##_##suffix(parameter a, parameter b, const type *x, type *y, int32_t count) \
  {                                                                                                          \
    for (int32_t i = 0; i < count; ++i) {                                                                    \
      y[i] = edgec_##name##_scalar_##suffix(a, b, x[i]);                                                     \
    }                                                                                                        \
  }

#endif
