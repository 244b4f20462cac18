/* Product of two matrices, float32, neither known at compile time. */
#ifndef EDGEC_MATMUL_F32_H
#define EDGEC_MATMUL_F32_H

#include "edgec/block_f32.h"
#include "edgec/matmul.h"

/* All columns of P rows of the result. */
#define EDGEC_MATMUL_ROWS(P, SUM4, SUM1)                                                                              \
  EDGEC_INLINE void edgec_matmul_##P##_f32(const edgec_matmul *op, const float *a, const float *b, float *y)          \
  {                                                                                                                   \
    static const float zeros[4] = {0.0f, 0.0f, 0.0f, 0.0f};                                                           \
    const int32_t whole = op->columns - op->columns % 4;                                                              \
    for (int32_t j = 0; j < whole; j += 4) {                                                                          \
      SUM4 sum = edgec_begin_##P##x4_f32(zeros);                                                                      \
      edgec_accumulate_##P##x4_f32(&sum, a, op->inner, b + j, op->columns, op->inner);                                \
      edgec_store_##P##x4_f32(sum, y + j, op->columns, -EDGEC_INFINITY, EDGEC_INFINITY);                              \
    }                                                                                                                 \
    for (int32_t j = whole; j < op->columns; ++j) {                                                                   \
      SUM1 sum = edgec_begin_##P##x1_f32(zeros);                                                                      \
      edgec_accumulate_##P##x1_f32(&sum, a, op->inner, b + j, op->columns, op->inner);                                \
      edgec_store_##P##x1_f32(sum, y + j, op->columns, -EDGEC_INFINITY, EDGEC_INFINITY);                              \
    }                                                                                                                 \
  }

EDGEC_MATMUL_ROWS(4, edgec_tile_f32, edgec_quad_f32)
EDGEC_MATMUL_ROWS(1, edgec_quad_f32, float)

/* y[i][j] = sum of a[i][k] * b[k][j] over k in ascending order, starting at zero. */
EDGEC_KERNEL void edgec_matmul_f32(const edgec_matmul *op, const float *a, const float *b, float *y)
{
  const int32_t whole = op->rows - op->rows % 4;
  for (int32_t i = 0; i < whole; i += 4) {
    edgec_matmul_4_f32(op, a + (ptrdiff_t)i * op->inner, b, y + (ptrdiff_t)i * op->columns);
  }
  for (int32_t i = whole; i < op->rows; ++i) {
    edgec_matmul_1_f32(op, a + (ptrdiff_t)i * op->inner, b, y + (ptrdiff_t)i * op->columns);
  }
}

#endif
