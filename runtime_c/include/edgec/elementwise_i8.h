/* Elementwise functions of bytes on hosts, and sums over pixels: EDGEC_SUMS elements at a time. y may be an operand. */
#ifndef EDGEC_ELEMENTWISE_I8_H
#define EDGEC_ELEMENTWISE_I8_H

#include "edgec/lanes_i8.h"

/* For each vector of a run: `n` elements from `i` on. */
#define EDGEC_EACH_VECTOR(count) \
  for (int32_t i = 0, n = EDGEC_SUMS; n = (count) - i < EDGEC_SUMS ? (count) - i : EDGEC_SUMS, i < (count); i += EDGEC_SUMS)

EDGEC_KERNEL void EDGEC_LANES_I8(add)(const edgec_add_i8 *op, int32_t count, const int8_t *a, const int8_t *b, int8_t *y)
{
  EDGEC_EACH_VECTOR(count) {
    edgec_vector sums = edgec_load_bytes(a + i, n) * op->a_multiplier + op->begin;
    if (op->b_multiplier != 0) {
      sums += edgec_load_bytes(b + i, n) * op->b_multiplier;
    }
    edgec_store_codes(sums >> op->shift, op->zero_point, op->low, op->high, y + i, n);
  }
}

/* How sums of one multiplier become codes; shift less 32. */
typedef struct {
  int32_t multiplier;
  int32_t rounding;
  int32_t shift;
  int32_t zero_point;
  int32_t low;
  int32_t high;
} edgec_codes_i8;

EDGEC_INLINE void edgec_coded(const edgec_codes_i8 *op, const edgec_scales *scales, edgec_vector sums, int8_t *y,
                              int32_t count)
{
  edgec_store_codes(edgec_rescaled(sums, scales), op->zero_point, op->low, op->high, y, count);
}

EDGEC_INLINE edgec_scales edgec_scales_all(const edgec_codes_i8 *op)
{
  int32_t codes[3 * EDGEC_SUMS];
  edgec_store_sums(codes, edgec_all(op->multiplier));
  edgec_store_sums(codes + EDGEC_SUMS, edgec_all(op->rounding));
  edgec_store_sums(codes + 2 * EDGEC_SUMS, edgec_all(op->shift));
  return edgec_load_scales(codes);
}

/* By another tensor, or by `factor`, a number less its zero point, where b is NULL. */
typedef struct {
  int32_t a_zero;
  int32_t b_zero;
  int32_t factor;
  edgec_codes_i8 codes;
} edgec_mul_i8;

EDGEC_KERNEL void EDGEC_LANES_I8(mul)(const edgec_mul_i8 *op, int32_t count, const int8_t *a, const int8_t *b, int8_t *y)
{
  const edgec_scales scales = edgec_scales_all(&op->codes);
  EDGEC_EACH_VECTOR(count) {
    const edgec_vector left = edgec_load_bytes(a + i, n) - op->a_zero;
    const edgec_vector product = b == NULL ? left * op->factor : left * (edgec_load_bytes(b + i, n) - op->b_zero);
    edgec_coded(&op->codes, &scales, product, y + i, n);
  }
}

/* Sums of each channel over all pixels. */
typedef struct {
  int32_t pixels;
  int32_t channels;
  int32_t first; /* what sums begin at, which makes up for the zero point */
  edgec_codes_i8 codes;
} edgec_reduce_sum_i8;

EDGEC_KERNEL void EDGEC_LANES_I8(reduce_sum)(const edgec_reduce_sum_i8 *op, const int8_t *x, int8_t *y)
{
  const edgec_scales scales = edgec_scales_all(&op->codes);
  EDGEC_EACH_VECTOR(op->channels) {
    edgec_vector sums = edgec_all(op->first);
    for (int32_t p = 0; p < op->pixels; ++p) {
      sums += edgec_load_bytes(x + (p * op->channels + i), n);
    }
    edgec_coded(&op->codes, &scales, sums, y + i, n);
  }
}

#endif
