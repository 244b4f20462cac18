/* Product of two matrices, neither known at compile time. Integers wrap around. float32 is in matmul_f32.h. */
#ifndef EDGEC_MATMUL_H
#define EDGEC_MATMUL_H

#include "edgec/types.h"

typedef struct {
  int32_t rows;    /* of a and y */
  int32_t inner;   /* columns of a, rows of b */
  int32_t columns; /* of b and y */
} edgec_matmul;

/* y[i][j] = sum of a[i][k] * b[k][j] over k in ascending order, starting at zero. */
#define EDGEC_MATMUL(suffix, type, wide)                                                                      \
  EDGEC_KERNEL void edgec_matmul_##suffix(const edgec_matmul *op, const type *a, const type *b, type *y)      \
  {                                                                                                           \
    for (int32_t i = 0; i < op->rows; ++i) {                                                                  \
      for (int32_t j = 0; j < op->columns; ++j) {                                                             \
        const type *const row = a + (ptrdiff_t)i * op->inner;                                                 \
        wide sum = 0;                                                                                         \
        for (int32_t k = 0; k < op->inner; ++k) {                                                             \
          sum += (wide)row[k] * (wide)b[(ptrdiff_t)k * op->columns + j];                                      \
        }                                                                                                     \
        *y++ = (type)sum;                                                                                     \
      }                                                                                                       \
    }                                                                                                         \
  }

EDGEC_MATMUL(f64, double, double)
EDGEC_FOR_INTEGERS(EDGEC_MATMUL)

#endif
