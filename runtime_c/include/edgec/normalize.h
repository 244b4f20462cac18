/* (x - mean) / sqrt(variance + epsilon) * scale + bias over axes; not centered, the mean counts as 0. */
#ifndef EDGEC_NORMALIZE_H
#define EDGEC_NORMALIZE_H

#include "edgec/reduce.h"
#include "edgec/sqrt.h"

#define EDGEC_NORMALIZE_AXES 4

/* Axes that stay and axes that are normalized over, from the outermost in, with the strides of x (and y), scale and
   bias; absent axes have extent 1. `count` is the number of elements that are normalized together. */
typedef struct {
  int32_t kept[EDGEC_NORMALIZE_AXES];
  int32_t kept_stride[EDGEC_NORMALIZE_AXES];
  int32_t kept_scale[EDGEC_NORMALIZE_AXES];
  int32_t kept_bias[EDGEC_NORMALIZE_AXES];
  int32_t reduced[EDGEC_NORMALIZE_AXES];
  int32_t reduced_stride[EDGEC_NORMALIZE_AXES];
  int32_t reduced_scale[EDGEC_NORMALIZE_AXES];
  int32_t reduced_bias[EDGEC_NORMALIZE_AXES];
  int32_t count;
  int32_t centered;
} edgec_normalize;

EDGEC_INLINE ptrdiff_t edgec_normalize_offset(const int32_t *stride, int32_t i, int32_t j, int32_t k, int32_t l)
{
  return (ptrdiff_t)i * stride[0] + (ptrdiff_t)j * stride[1] + (ptrdiff_t)k * stride[2] + (ptrdiff_t)l * stride[3];
}

/* Two passes: the mean, then the mean square of the differences to it; sums as reduce.h says. y may be x; bias may be
   NULL. */
#define EDGEC_NORMALIZE(suffix, type, wide)                                                                           \
  EDGEC_KERNEL void edgec_normalize_##suffix(const edgec_normalize *op, type epsilon, const type *x,                  \
                                             const type *scale, const type *bias, type *y)                            \
  {                                                                                                                   \
    EDGEC_REDUCE_KEPT(                                                                                                \
        type, const type *const factors = scale + edgec_normalize_offset(op->kept_scale, i, j, k, l);                 \
        const type *const shifts = bias == NULL ? NULL : bias + edgec_normalize_offset(op->kept_bias, i, j, k, l);    \
        edgec_total_##suffix total = {0, 0}; type mean = 0; if (op->centered) {                                       \
          EDGEC_REDUCE_RUNS(type, EDGEC_SUM_RUN(suffix, type, op->reduced[3], op->reduced_stride[3], element))        \
          mean = edgec_total_value_##suffix(total) / (type)op->count;                                                 \
        } total.sum = 0;                                                                                              \
        total.error = 0;                                                                                              \
        EDGEC_REDUCE_RUNS(type, EDGEC_SUM_RUN(suffix, type, op->reduced[3], op->reduced_stride[3],                    \
                                              (element - mean) * (element - mean)))                                   \
        const type variance = edgec_total_value_##suffix(total) / (type)op->count;                                    \
        const type inverse = (type)1 / edgec_sqrt_scalar_##suffix(variance + epsilon); EDGEC_REDUCE_RUNS(             \
            type, const ptrdiff_t f = edgec_normalize_offset(op->reduced_scale, p, q, r, 0);                          \
            const ptrdiff_t g = edgec_normalize_offset(op->reduced_bias, p, q, r, 0);                                 \
            type *const out = y + (run - x); for (int32_t s = 0; s < op->reduced[3]; ++s) {                           \
              const int32_t at = s * op->reduced_stride[3];                                                           \
              const type value = (run[at] - mean) * inverse * factors[f + s * op->reduced_scale[3]];                  \
              out[at] = shifts == NULL ? value : value + shifts[g + s * op->reduced_bias[3]];                         \
            }))                                                                                                       \
  }

EDGEC_FOR_FLOATS(EDGEC_NORMALIZE)

#endif
