/* Matrices are transposed, float32, on hosts: by blocks in registers. */
#ifndef EDGEC_TRANSPOSE_LANES_F32_H
#define EDGEC_TRANSPOSE_LANES_F32_H

#include "edgec/lanes_f32.h"

/* A square block: y[j][i] = x[i][j]; from row to row there are `x_row` and `y_row` elements. */
#if defined(__AVX2__)

enum { EDGEC_TRANSPOSE_BLOCK = 8 };

EDGEC_INLINE void edgec_lanes_transpose(const float *x, ptrdiff_t x_row, float *y, ptrdiff_t y_row)
{
  /* Halves of rows i and i + 4 side by side, so that what is left stays within halves. */
#define EDGEC_TRANSPOSE_LOAD(i)                                                                                              \
  const __m256 l##i = _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(x + i * x_row)),                              \
                                           _mm_loadu_ps(x + (i + 4) * x_row), 1);                                            \
  const __m256 h##i = _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(x + i * x_row + 4)),                          \
                                           _mm_loadu_ps(x + (i + 4) * x_row + 4), 1);
#define EDGEC_TRANSPOSE_FOUR(a, first)                                                                      \
  {                                                                                                         \
    const __m256 p0 = _mm256_unpacklo_ps(a##0, a##1);                                                       \
    const __m256 p1 = _mm256_unpackhi_ps(a##0, a##1);                                                       \
    const __m256 p2 = _mm256_unpacklo_ps(a##2, a##3);                                                       \
    const __m256 p3 = _mm256_unpackhi_ps(a##2, a##3);                                                       \
    _mm256_storeu_ps(y + (first)*y_row, _mm256_shuffle_ps(p0, p2, 0x44));                                   \
    _mm256_storeu_ps(y + (first + 1) * y_row, _mm256_shuffle_ps(p0, p2, 0xee));                             \
    _mm256_storeu_ps(y + (first + 2) * y_row, _mm256_shuffle_ps(p1, p3, 0x44));                             \
    _mm256_storeu_ps(y + (first + 3) * y_row, _mm256_shuffle_ps(p1, p3, 0xee));                             \
  }
  EDGEC_TRANSPOSE_LOAD(0)
  EDGEC_TRANSPOSE_LOAD(1)
  EDGEC_TRANSPOSE_LOAD(2)
  EDGEC_TRANSPOSE_LOAD(3)
  EDGEC_TRANSPOSE_FOUR(l, 0)
  EDGEC_TRANSPOSE_FOUR(h, 4)
#undef EDGEC_TRANSPOSE_LOAD
#undef EDGEC_TRANSPOSE_FOUR
}

#else

enum { EDGEC_TRANSPOSE_BLOCK = 4 };

EDGEC_INLINE void edgec_lanes_transpose(const float *x, ptrdiff_t x_row, float *y, ptrdiff_t y_row)
{
  const float32x4x2_t low = vtrnq_f32(vld1q_f32(x), vld1q_f32(x + x_row));
  const float32x4x2_t high = vtrnq_f32(vld1q_f32(x + 2 * x_row), vld1q_f32(x + 3 * x_row));
  vst1q_f32(y, vcombine_f32(vget_low_f32(low.val[0]), vget_low_f32(high.val[0])));
  vst1q_f32(y + y_row, vcombine_f32(vget_low_f32(low.val[1]), vget_low_f32(high.val[1])));
  vst1q_f32(y + 2 * y_row, vcombine_f32(vget_high_f32(low.val[0]), vget_high_f32(high.val[0])));
  vst1q_f32(y + 3 * y_row, vcombine_f32(vget_high_f32(low.val[1]), vget_high_f32(high.val[1])));
}

#endif

/* y[j][i] = x[i][j] for i below `rows` and j below `columns`. Lines of y that lie in the same cache line are written together. */
EDGEC_KERNEL void EDGEC_LANES_KERNEL(transpose)(int32_t rows, int32_t columns, ptrdiff_t x_row, ptrdiff_t y_row, const float *x,
                                                float *y)
{
  enum { block = EDGEC_TRANSPOSE_BLOCK, line = 16 };
  int32_t i = 0;
  while (i < rows) {
    const int32_t high = rows - i >= line ? line : rows - i;
    int32_t j = 0;
    for (; j + block <= columns; j += block) {
      int32_t k = 0;
      for (; k + block <= high; k += block) {
        edgec_lanes_transpose(x + (i + k) * x_row + j, x_row, y + j * y_row + i + k, y_row);
      }
      for (; k < high; ++k) {
        for (int32_t l = 0; l < block; ++l) {
          y[(j + l) * y_row + i + k] = x[(i + k) * x_row + j + l];
        }
      }
    }
    for (; j < columns; ++j) {
      for (int32_t k = 0; k < high; ++k) {
        y[j * y_row + i + k] = x[(i + k) * x_row + j];
      }
    }
    i += high;
  }
}

#endif
