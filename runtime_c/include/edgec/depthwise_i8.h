/* Depthwise convolutions of bytes on hosts. Rows of a window are interleaved, EDGEC_GROUP at a time, so that a product of
   groups is a column of the window; lanes are channels, or channels of several pixels. */
#ifndef EDGEC_DEPTHWISE_I8_H
#define EDGEC_DEPTHWISE_I8_H

#include "edgec/padded_i8.h"
#include "edgec/tiles_i8.h"

/* Rows as groups. In elements of a row, but for the rows. */
typedef struct {
  edgec_padded_i8 padded;
  int32_t rows;     /* of a window */
  int32_t dilation; /* vertical */
} edgec_interleaved_i8;

/* EDGEC_GROUP rows of a window after another; where there is none, weights are 0. scratch: a row of padding. */
EDGEC_KERNEL void edgec_interleaved_rows_i8(const edgec_interleaved_i8 *op, const int8_t *const *rows, edgec_input *to,
                                            int8_t *scratch)
{
  const int32_t before = op->padded.before;
  const int32_t count = op->padded.count;
  const int32_t behind = op->padded.behind;
  const edgec_input zero = edgec_widened(op->padded.x_zero);
  for (int32_t r = 0; r < op->rows; ++r) {
    if (rows[r * op->dilation] == NULL) {
      for (int32_t i = 0; i < count; ++i) {
        scratch[i] = (int8_t)op->padded.x_zero;
      }
      break;
    }
  }
  for (int32_t first = 0; first < op->rows; first += EDGEC_GROUP) {
    const int8_t *group[EDGEC_GROUP];
    for (int32_t r = 0; r < EDGEC_GROUP; ++r) {
      const int8_t *const row = rows[(first + r < op->rows ? first + r : first) * op->dilation];
      group[r] = row == NULL ? scratch : row + op->padded.first;
    }
    edgec_fill_input(to, zero, before * EDGEC_GROUP);
    edgec_interleave(group, to + before * EDGEC_GROUP, count);
    edgec_fill_input(to + (before + count) * EDGEC_GROUP, zero, behind * EDGEC_GROUP);
    to += (before + count + behind) * EDGEC_GROUP;
  }
}

typedef struct {
  int32_t taps[16]; /* where each group of taps of a window is, in groups */
  int32_t pixel;    /* groups from the window of a pixel to that of its neighbour */
  int32_t channels; /* of a pixel of the result */
  int32_t floats;
  int32_t zero_point;
  int32_t low;
  int32_t high;
} edgec_depthwise_i8;

#define EDGEC_DEPTHWISE_WEIGHT(t, a) \
  const edgec_packed w##t = edgec_load_weights(weights + t * EDGEC_SUMS * EDGEC_GROUP);
#define EDGEC_DEPTHWISE_DOT(t, a) sums = edgec_dot(sums, edgec_load_spread(from + op->taps[t] * EDGEC_GROUP), w##t);

/* edgec_depthwise_<T>: `pixels` pixels, by windows of T groups. weights: [vectors][T][EDGEC_SUMS][EDGEC_GROUP]; codes:
   [vectors][bias, multiplier, rounding, shift][EDGEC_SUMS]. */
#define EDGEC_DEPTHWISE(T)                                                                                          \
  EDGEC_INLINE void edgec_depthwise_##T(const edgec_depthwise_i8 *op, const int8_t *weights,                  \
                                        const int32_t *codes, int32_t pixels, const edgec_input *x, int8_t *y)      \
  {                                                                                                                 \
    for (int32_t c = 0; c < op->channels; c += EDGEC_SUMS) {                                                        \
      const int32_t left = op->channels - c;                                                                        \
      const edgec_vector bias = edgec_load_sums(codes);                                                             \
      const edgec_scales scales = edgec_load_scales(codes + EDGEC_SUMS);                                            \
      EDGEC_TIMES_##T(EDGEC_DEPTHWISE_WEIGHT, 0)                                                                    \
      const edgec_input *from = x + c * EDGEC_GROUP;                                                                \
      int8_t *to = y + c;                                                                                           \
      for (int32_t p = 0; p < pixels; ++p) {                                                                        \
        edgec_vector sums = bias;                                                                                   \
        EDGEC_TIMES_##T(EDGEC_DEPTHWISE_DOT, 0)                                                                     \
        edgec_store_codes(edgec_coded_sums(sums, &scales, op->floats), op->zero_point, op->low, op->high, to,                     \
                          left < EDGEC_SUMS ? left : EDGEC_SUMS);                                                   \
        from += op->pixel * EDGEC_GROUP;                                                                            \
        to += op->channels;                                                                                         \
      }                                                                                                             \
      weights += T * EDGEC_SUMS * EDGEC_GROUP;                                                                      \
      codes += 4 * EDGEC_SUMS;                                                                                      \
    }                                                                                                               \
  }

EDGEC_DEPTHWISE(1)
EDGEC_DEPTHWISE(2)
EDGEC_DEPTHWISE(3)
EDGEC_DEPTHWISE(4)
EDGEC_DEPTHWISE(5)
EDGEC_DEPTHWISE(6)
EDGEC_DEPTHWISE(7)
EDGEC_DEPTHWISE(8)
EDGEC_DEPTHWISE(9)
EDGEC_DEPTHWISE(10)
EDGEC_DEPTHWISE(11)
EDGEC_DEPTHWISE(12)
EDGEC_DEPTHWISE(13)
EDGEC_DEPTHWISE(14)
EDGEC_DEPTHWISE(15)
EDGEC_DEPTHWISE(16)

#endif
