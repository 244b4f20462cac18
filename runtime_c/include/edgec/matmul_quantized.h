/* Product of two matrices of quantized values, neither known at compile time. */
#ifndef EDGEC_MATMUL_QUANTIZED_H
#define EDGEC_MATMUL_QUANTIZED_H

#include "edgec/block_quantized.h"

typedef struct {
  int32_t rows;    /* of a and y */
  int32_t inner;   /* columns of a, rows of b */
  int32_t columns; /* of b and y */
  int32_t a_zero;
  int32_t b_zero;
  edgec_factors factors;
  edgec_result result;
} edgec_matmul_quantized;

/* Define kernel edgec_matmul_<a>_<b>_<sum>_<y>: y[i][j] = code of the sum of (a[i][k] - a_zero) * (b[k][j] -
   b_zero). */
#define EDGEC_MATMUL_QUANTIZED(product, a_type, b_type, s, suffix, type)                                              \
  EDGEC_INLINE void edgec_matmul_3x2_##product##_##suffix(                                                            \
      const edgec_matmul_quantized *op, const a_type *a, const b_type *b, type *y)                                    \
  {                                                                                                                   \
    const int32_t columns = op->columns;                                                                              \
    for (int32_t next = 0; next < columns; next += 2) {                                                               \
      const int32_t j = next < columns - 2 ? next : columns - 2;                                                      \
      edgec_sums_3x2_##s sum = {0, 0, 0, 0, 0, 0};                                                                    \
      edgec_accumulate_3x2_##product(&sum, a, op->inner, op->a_zero, b + j, 1, columns, op->b_zero,                   \
                                                         op->inner);                                                  \
      edgec_store_3x2_##s##_##suffix(&sum, &op->factors, &op->result, 0, y + j, columns);                             \
    }                                                                                                                 \
  }                                                                                                                   \
                                                                                                                      \
  EDGEC_INLINE void edgec_matmul_1x4_##product##_##suffix(                                                            \
      const edgec_matmul_quantized *op, const a_type *a, const b_type *b, type *y)                                    \
  {                                                                                                                   \
    const int32_t columns = op->columns;                                                                              \
    for (int32_t next = 0; columns >= 4 && next < columns; next += 4) {                                               \
      const int32_t j = next < columns - 4 ? next : columns - 4;                                                      \
      edgec_sums_1x4_##s sum = {0, 0, 0, 0};                                                                          \
      edgec_accumulate_1x4_##product(&sum, a, op->inner, op->a_zero, b + j, 1, columns, op->b_zero,                   \
                                                         op->inner);                                                  \
      edgec_store_1x4_##s##_##suffix(&sum, &op->factors, &op->result, 0, y + j, columns);                             \
    }                                                                                                                 \
    for (int32_t j = 0; columns < 4 && j < columns; ++j) {                                                            \
      edgec_sums_1x1_##s sum = {0};                                                                                   \
      edgec_accumulate_1x1_##product(&sum, a, op->inner, op->a_zero, b + j, 1, columns, op->b_zero,                   \
                                                         op->inner);                                                  \
      edgec_store_1x1_##s##_##suffix(&sum, &op->factors, &op->result, 0, y + j, columns);                             \
    }                                                                                                                 \
  }                                                                                                                   \
                                                                                                                      \
  EDGEC_KERNEL void edgec_matmul_##product##_##suffix(const edgec_matmul_quantized *op,                               \
                                                                          const a_type *a, const b_type *b, type *y)  \
  {                                                                                                                   \
    const int32_t whole = op->columns < 2 ? 0 : op->rows - op->rows % 3;                                              \
    for (int32_t i = 0; i < whole; i += 3) {                                                                          \
      edgec_matmul_3x2_##product##_##suffix(op, a + (ptrdiff_t)i * op->inner, b,                                      \
                                                                y + (ptrdiff_t)i * op->columns);                      \
    }                                                                                                                 \
    for (int32_t i = whole; i < op->rows; ++i) {                                                                      \
      edgec_matmul_1x4_##product##_##suffix(op, a + (ptrdiff_t)i * op->inner, b,                                      \
                                                                y + (ptrdiff_t)i * op->columns);                      \
    }                                                                                                                 \
  }

#define EDGEC_MATMUL_QUANTIZED_RESULTS(product, a_type, b_type, s) \
  EDGEC_TO_QUANTIZED(EDGEC_MATMUL_QUANTIZED, product, a_type, b_type, s)

EDGEC_FOR_WEIGHTED_SUMS(EDGEC_MATMUL_QUANTIZED_RESULTS)
EDGEC_FOR_OTHER_SUMS(EDGEC_MATMUL_QUANTIZED_RESULTS)

#endif
