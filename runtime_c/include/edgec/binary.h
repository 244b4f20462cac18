/* What the elementwise functions of two tensors have in common. */
#ifndef EDGEC_BINARY_H
#define EDGEC_BINARY_H

#include "edgec/types.h"

/* Axes from the outermost in. The result is contiguous; an operand that is broadcast along an axis has stride 0 there.
   The caller merges axes, so that two tensors of one shape, or a tensor and a scalar, are a single axis. */
#define EDGEC_BINARY_AXES 4

typedef struct {
  int32_t extent[EDGEC_BINARY_AXES];
  int32_t a_stride[EDGEC_BINARY_AXES];
  int32_t b_stride[EDGEC_BINARY_AXES];
} edgec_binary;

/* Walk along the axes: p and q point at the operands' elements for `*y++ = value`. An element is read before the one at
   its place is written, and never again: y may be a or b where that has the result's shape. */
#define EDGEC_BINARY_LOOPS(a_type, b_type, value)                                                \
  for (int32_t i = 0; i < op->extent[0]; ++i) {                                                  \
    for (int32_t j = 0; j < op->extent[1]; ++j) {                                                \
      for (int32_t k = 0; k < op->extent[2]; ++k) {                                              \
        const a_type *p = a + (i * op->a_stride[0] + j * op->a_stride[1] + k * op->a_stride[2]); \
        const b_type *q = b + (i * op->b_stride[0] + j * op->b_stride[1] + k * op->b_stride[2]); \
        for (int32_t l = 0; l < op->extent[3]; ++l) {                                            \
          *y++ = (value);                                                                        \
          p += op->a_stride[3];                                                                  \
          q += op->b_stride[3];                                                                  \
        }                                                                                        \
      }                                                                                          \
    }                                                                                            \
  }

/* Define kernel edgec_<name>_<suffix>: y = edgec_<name>_scalar_<suffix>(a, b). */
#define EDGEC_BINARY_KERNEL(name, suffix, type, result)                                                      \
  EDGEC_KERNEL void edgec_##name##_##suffix(const edgec_binary *op, const type *a, const type *b, result *y) \
  {                                                                                                          \
    EDGEC_BINARY_LOOPS(type, type, edgec_##name##_scalar_##suffix(*p, *q))                                   \
  }

/* The same with the result clamped. */
#define EDGEC_ARITHMETIC_KERNEL(name, suffix, type)                                                         \
  EDGEC_KERNEL void edgec_##name##_##suffix(const edgec_binary *op, type low, type high, const type *a,     \
                                            const type *b, type *y)                                         \
  {                                                                                                         \
    EDGEC_BINARY_LOOPS(type, type, edgec_clamp_##suffix(edgec_##name##_scalar_##suffix(*p, *q), low, high)) \
  }

#endif
