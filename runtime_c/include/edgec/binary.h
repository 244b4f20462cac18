/* What the elementwise functions of two tensors have in common. */
#ifndef EDGEC_BINARY_H
#define EDGEC_BINARY_H

#include "edgec/core.h"

/* Axes from the outermost in. The result is contiguous; an operand that is broadcast along an axis has stride 0 there.
   The caller merges axes, so that two tensors of one shape, or a tensor and a scalar, are a single axis. */
#define EDGEC_BINARY_AXES 4

#define EDGEC_BINARY_STRUCT(name, type)                                                                               \
  typedef struct {                                                                                                    \
    int32_t extent[EDGEC_BINARY_AXES];                                                                                \
    int32_t a_stride[EDGEC_BINARY_AXES];                                                                              \
    int32_t b_stride[EDGEC_BINARY_AXES];                                                                              \
    type low; /* clamp of the result */                                                                               \
    type high;                                                                                                        \
  } name;

EDGEC_BINARY_STRUCT(edgec_binary_f32, float)
EDGEC_BINARY_STRUCT(edgec_binary_i32, int32_t)
EDGEC_BINARY_STRUCT(edgec_binary_i64, int64_t)

EDGEC_INLINE int32_t edgec_clamp_i32(int32_t x, int32_t low, int32_t high)
{
  const int32_t raised = x < low ? low : x;
  return raised > high ? high : raised;
}

EDGEC_INLINE int64_t edgec_clamp_i64(int64_t x, int64_t low, int64_t high)
{
  const int64_t raised = x < low ? low : x;
  return raised > high ? high : raised;
}

/* Define kernel edgec_<name>_<suffix>: y = clamp(function(a, b)). y may be a or b where that has the result's shape:
   an element is read before the one at its place is written, and never again. */
#define EDGEC_BINARY_KERNEL(name, suffix, type, function)                                                             \
  EDGEC_KERNEL void edgec_##name##_##suffix(const edgec_binary_##suffix *op, const type *a, const type *b, type *y)   \
  {                                                                                                                   \
    for (int32_t i = 0; i < op->extent[0]; ++i) {                                                                     \
      for (int32_t j = 0; j < op->extent[1]; ++j) {                                                                   \
        for (int32_t k = 0; k < op->extent[2]; ++k) {                                                                 \
          const type *const p = a + (i * op->a_stride[0] + j * op->a_stride[1] + k * op->a_stride[2]);                \
          const type *const q = b + (i * op->b_stride[0] + j * op->b_stride[1] + k * op->b_stride[2]);                \
          for (int32_t l = 0; l < op->extent[3]; ++l) {                                                               \
            *y++ = edgec_clamp_##suffix(function(p[l * op->a_stride[3]], q[l * op->b_stride[3]]), op->low, op->high); \
          }                                                                                                           \
        }                                                                                                             \
      }                                                                                                               \
    }                                                                                                                 \
  }

#endif
