/* Products of two matrices of bytes, neither known when compiling, on hosts: b becomes what weights are to tiles. */
#ifndef EDGEC_MATMUL_I8_H
#define EDGEC_MATMUL_I8_H

#include "edgec/tiles_i8.h"

typedef struct {
  int32_t rows;    /* of a and y */
  int32_t inner;   /* columns of a, rows of b */
  int32_t columns; /* of b and y */
  int32_t a_zero;
  int32_t b_zero;
  int32_t multiplier;
  int32_t rounding;
  int32_t shift;
} edgec_matmul_i8;

/* `count` vectors of columns of b as weights and codes of `parts` parts of `vectors` vectors. Up to 64 groups behind the
   weights are written, too. zeros: 64 times `vectors` bytes of scratch. */
EDGEC_FUNCTION void edgec_matmul_columns_i8(const edgec_matmul_i8 *op, const int8_t *b, int32_t parts, int32_t vectors,
                                            int32_t columns, int8_t *w, int32_t *codes, int8_t *zeros)
{
  const edgec_input one[EDGEC_GROUP] = EDGEC_ONES;
  const edgec_spreads ones = edgec_spread(one);
  for (int32_t i = 0; i < vectors * EDGEC_SUMS; ++i) {
    zeros[i] = 0;
  }
  for (int32_t part = 0; part < parts; ++part) {
    const int32_t left = columns - part * vectors * EDGEC_SUMS;
    const int32_t count = left < vectors * EDGEC_SUMS ? left : vectors * EDGEC_SUMS;
    const int8_t *const begin = w;
    for (int32_t k = 0; k < op->inner; k += EDGEC_GROUP) {
      const int8_t *rows[EDGEC_GROUP];
      for (int32_t r = 0; r < EDGEC_GROUP; ++r) {
        rows[r] = k + r < op->inner ? b + (ptrdiff_t)(k + r) * op->columns + part * vectors * EDGEC_SUMS : zeros;
      }
      edgec_interleave_weights(rows, w, count);
      w += vectors * EDGEC_SUMS * EDGEC_GROUP;
    }
    for (int32_t v = 0; v < vectors; ++v) {
      edgec_vector total = edgec_all(0);
      for (const int8_t *at = begin + v * EDGEC_SUMS * EDGEC_GROUP; at < w; at += vectors * EDGEC_SUMS * EDGEC_GROUP) {
        total = edgec_dot(total, ones, edgec_load_weights(at));
      }
      edgec_store_sums(codes, total * -(op->a_zero + EDGEC_OFFSET));
      edgec_store_sums(codes + EDGEC_SUMS, edgec_all(op->multiplier));
      edgec_store_sums(codes + 2 * EDGEC_SUMS, edgec_all(op->rounding));
      edgec_store_sums(codes + 3 * EDGEC_SUMS, edgec_all(op->shift));
      codes += 4 * EDGEC_SUMS;
    }
  }
}

/* What the zero point of b adds to each row's sums. */
EDGEC_INLINE void edgec_matmul_rows_i8(const edgec_matmul_i8 *op, const int8_t *a, int32_t *more)
{
  for (int32_t i = 0; i < op->rows; ++i) {
    edgec_vector total = edgec_all(0);
    for (int32_t k = 0; k < op->inner; k += EDGEC_SUMS) {
      total += edgec_load_bytes(a + k, op->inner - k);
    }
    more[i] = -op->b_zero * (edgec_total(total) - op->inner * op->a_zero);
    a += op->inner;
  }
}

#endif
