/* Product of two matrices of bytes that stand for other numbers. */
#ifndef EDGEC_INTEGER_MAT_MUL_H
#define EDGEC_INTEGER_MAT_MUL_H

#include "edgec/integer_sums.h"

/* Zero points and scales have a stride of 0 where one serves all rows, or columns. */
typedef struct {
  int32_t rows;    /* of a and y */
  int32_t inner;   /* columns of a, rows of b */
  int32_t columns; /* of b and y */
  int32_t a_zero_row;
  int32_t b_zero_column;
  int32_t scale_row;
  int32_t scale_column;
  int32_t zero_point_row;
  int32_t zero_point_column;
} edgec_integer_mat_mul;

/* Define kernel edgec_integer_mat_mul_<a>_<b>_<y>: y[i][j] = result of the sum of (a[i][k] - a_zero) * (b[k][j] -
   b_zero). Zero points may be NULL, which is 0; the scale is NULL for i32. Columns go by fours. */
#define EDGEC_INTEGER_MAT_MUL(a_suffix, a_type, b_suffix, b_type, suffix, type)                                       \
  EDGEC_KERNEL void edgec_integer_mat_mul_##a_suffix##_##b_suffix##_##suffix(                                         \
      const edgec_integer_mat_mul *op, const a_type *a, const b_type *b, const a_type *a_zero, const b_type *b_zero,  \
      const float *scale, const type *zero_point, type *y)                                                            \
  {                                                                                                                   \
    for (int32_t j = 0; j < op->columns; j += 4) {                                                                    \
      const int32_t width = op->columns - j < 4 ? op->columns - j : 4;                                                \
      int32_t zeros[4] = {0, 0, 0, 0};                                                                                \
      for (int32_t c = 0; b_zero != NULL && c < width; ++c) {                                                         \
        zeros[c] = b_zero[(j + c) * op->b_zero_column];                                                               \
      }                                                                                                               \
      for (int32_t i = 0; i < op->rows; ++i) {                                                                        \
        uint32_t sum[4] = {0, 0, 0, 0};                                                                               \
        const int32_t zero = a_zero == NULL ? 0 : a_zero[i * op->a_zero_row];                                         \
        edgec_accumulate_##a_suffix##_##b_suffix(sum, width, a + (ptrdiff_t)i * op->inner, zero, b + j, op->columns,  \
                                                 1, zeros, op->inner);                                                \
        for (int32_t c = 0; c < width; ++c) {                                                                         \
          const float factor = scale == NULL ? 0.0f : scale[i * op->scale_row + (j + c) * op->scale_column];          \
          const int32_t place = i * op->zero_point_row + (j + c) * op->zero_point_column;                             \
          y[(ptrdiff_t)i * op->columns + j + c] =                                                                     \
              edgec_result_##suffix(sum[c], factor, zero_point == NULL ? 0 : zero_point[place]);                      \
        }                                                                                                             \
      }                                                                                                               \
    }                                                                                                                 \
  }

EDGEC_FOR_INTEGER_PRODUCTS(EDGEC_INTEGER_MAT_MUL)

#endif
