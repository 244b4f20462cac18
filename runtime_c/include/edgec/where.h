/* a where the condition is true, else b: of any element type. */
#ifndef EDGEC_WHERE_H
#define EDGEC_WHERE_H

#include "edgec/core.h"

/* Axes from the outermost in. The result is contiguous; an operand that is broadcast along an axis has stride 0 there. */
#define EDGEC_WHERE_AXES 4

typedef struct {
  int32_t extent[EDGEC_WHERE_AXES];
  int32_t condition_stride[EDGEC_WHERE_AXES];
  int32_t a_stride[EDGEC_WHERE_AXES];
  int32_t b_stride[EDGEC_WHERE_AXES];
} edgec_where;

EDGEC_INLINE ptrdiff_t edgec_where_offset(const int32_t *stride, int32_t i, int32_t j, int32_t k)
{
  return (ptrdiff_t)i * stride[0] + (ptrdiff_t)j * stride[1] + (ptrdiff_t)k * stride[2];
}

/* Define kernel edgec_where_<bits>. y must not overlap a or b. */
#define EDGEC_WHERE_KERNEL(bits)                                                                       \
  EDGEC_KERNEL void edgec_where_##bits(const edgec_where *op, const uint8_t *condition, const void *a, \
                                       const void *b, void *y)                                         \
  {                                                                                                    \
    edgec_any_##bits *to = (edgec_any_##bits *)y;                                          \
    for (int32_t i = 0; i < op->extent[0]; ++i) {                                                      \
      for (int32_t j = 0; j < op->extent[1]; ++j) {                                                    \
        for (int32_t k = 0; k < op->extent[2]; ++k) {                                                  \
          const uint8_t *const c = condition + edgec_where_offset(op->condition_stride, i, j, k);      \
          const edgec_any_##bits *const p =                                                      \
              (const edgec_any_##bits *)a + edgec_where_offset(op->a_stride, i, j, k);           \
          const edgec_any_##bits *const q =                                                      \
              (const edgec_any_##bits *)b + edgec_where_offset(op->b_stride, i, j, k);           \
          for (int32_t l = 0; l < op->extent[3]; ++l) {                                                \
            *to++ = c[l * op->condition_stride[3]] ? p[l * op->a_stride[3]] : q[l * op->b_stride[3]];  \
          }                                                                                            \
        }                                                                                              \
      }                                                                                                \
    }                                                                                                  \
  }

EDGEC_WHERE_KERNEL(8)
EDGEC_WHERE_KERNEL(16)
EDGEC_WHERE_KERNEL(32)
EDGEC_WHERE_KERNEL(64)

#endif
