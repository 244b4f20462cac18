/* Rows of bytes with their padding, as blocks of products on hosts read them: every window is whole. */
#ifndef EDGEC_PADDED_I8_H
#define EDGEC_PADDED_I8_H

#include "edgec/lanes_i8.h"
#include "edgec/strips.h"

/* In elements of a row; what is left out and what is taken are of x, what is padded is of scratch. */
typedef struct {
  int32_t first; /* left out before what is taken */
  int32_t count; /* taken */
  int32_t before;
  int32_t behind;
  int32_t x_zero; /* what padding is */
} edgec_padded_i8;

EDGEC_INLINE void edgec_fill_input(edgec_input *to, edgec_input value, int32_t count)
{
  for (int32_t i = 0; i < count; ++i) {
    to[i] = value;
  }
}

/* `count` rows, one behind the other; NULL is a row of padding. */
EDGEC_KERNEL void edgec_padded_rows_i8(const edgec_padded_i8 *op, const int8_t *const *rows, int32_t count, edgec_input *to)
{
  const edgec_input zero = edgec_widened(op->x_zero);
  for (int32_t r = 0; r < count; ++r) {
    if (rows[r] == NULL) {
      edgec_fill_input(to, zero, op->before + op->count + op->behind);
    } else {
      edgec_fill_input(to, zero, op->before);
      edgec_widen(rows[r] + op->first, to + op->before, op->count);
      edgec_fill_input(to + op->before + op->count, zero, op->behind);
    }
    to += op->before + op->count + op->behind;
  }
}

#endif
