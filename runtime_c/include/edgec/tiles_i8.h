/* Products of bytes by known weights on hosts: tiles of pixels x vectors of output channels, whose sums are in registers. What
   convolutions and dense layers are made of.

   Sums are exact, so that their order is of no account. gcc keeps arrays of sums in memory, which is why they have names. */
#ifndef EDGEC_I8_TILES_I8_H
#define EDGEC_I8_TILES_I8_H

#include "edgec/lanes_i8.h"

/* The window of a pixel is `rows` x `taps` runs of `groups` groups of elements of edgec_input. */
typedef struct {
  int32_t rows;
  int32_t row;  /* elements from one to the next */
  int32_t taps; /* of a row of a window */
  int32_t tap;  /* elements from one to the next */
  int32_t groups;
  int32_t pixel; /* from the window of a pixel to that of its neighbour */
  int32_t line;  /* to that of the pixel below */
  int32_t channels; /* of a pixel of the result */
  int32_t width;    /* pixels of a row of it */
  int32_t floats;
  int32_t zero_point;
  int32_t low;
  int32_t high;
} edgec_tiles_i8;

/* Repeat M(number, argument). */
#define EDGEC_TIMES_1(M, a) M(0, a)
#define EDGEC_TIMES_2(M, a) EDGEC_TIMES_1(M, a) M(1, a)
#define EDGEC_TIMES_3(M, a) EDGEC_TIMES_2(M, a) M(2, a)
#define EDGEC_TIMES_4(M, a) EDGEC_TIMES_3(M, a) M(3, a)
#define EDGEC_TIMES_5(M, a) EDGEC_TIMES_4(M, a) M(4, a)
#define EDGEC_TIMES_6(M, a) EDGEC_TIMES_5(M, a) M(5, a)
#define EDGEC_TIMES_7(M, a) EDGEC_TIMES_6(M, a) M(6, a)
#define EDGEC_TIMES_8(M, a) EDGEC_TIMES_7(M, a) M(7, a)
#define EDGEC_TIMES_9(M, a) EDGEC_TIMES_8(M, a) M(8, a)
#define EDGEC_TIMES_10(M, a) EDGEC_TIMES_9(M, a) M(9, a)
#define EDGEC_TIMES_11(M, a) EDGEC_TIMES_10(M, a) M(10, a)
#define EDGEC_TIMES_12(M, a) EDGEC_TIMES_11(M, a) M(11, a)
#define EDGEC_TIMES_13(M, a) EDGEC_TIMES_12(M, a) M(12, a)
#define EDGEC_TIMES_14(M, a) EDGEC_TIMES_13(M, a) M(13, a)
#define EDGEC_TIMES_15(M, a) EDGEC_TIMES_14(M, a) M(14, a)
#define EDGEC_TIMES_16(M, a) EDGEC_TIMES_15(M, a) M(15, a)

/* The same for another nesting level. */
#define EDGEC_VECTORS_1(M, a) M(0, a)
#define EDGEC_VECTORS_2(M, a) EDGEC_VECTORS_1(M, a) M(1, a)
#define EDGEC_VECTORS_3(M, a) EDGEC_VECTORS_2(M, a) M(2, a)
#define EDGEC_VECTORS_4(M, a) EDGEC_VECTORS_3(M, a) M(3, a)
#define EDGEC_VECTORS_5(M, a) EDGEC_VECTORS_4(M, a) M(4, a)
#define EDGEC_VECTORS_6(M, a) EDGEC_VECTORS_5(M, a) M(5, a)
#define EDGEC_VECTORS_7(M, a) EDGEC_VECTORS_6(M, a) M(6, a)
#define EDGEC_VECTORS_8(M, a) EDGEC_VECTORS_7(M, a) M(7, a)

/* Sums s<pixel>_<vector>, weights w<vector>, offsets of pixels of a tile. */
#define EDGEC_I8_TILE_X(p) ((p) / columns * op->line + (p) % columns * op->pixel)
#define EDGEC_I8_TILE_Y(p) (((p) / columns * op->width + (p) % columns) * op->channels)
#define EDGEC_I8_TILE_BIAS(v, a) const edgec_vector b##v = edgec_load_sums(codes + 4 * v * EDGEC_SUMS);
#define EDGEC_I8_TILE_SUM(v, p) edgec_vector s##p##_##v = more == NULL ? b##v : b##v + more[column + p];
#define EDGEC_I8_TILE_SUMS(p, V) EDGEC_VECTORS_##V(EDGEC_I8_TILE_SUM, p)
#define EDGEC_I8_TILE_WEIGHT(v, a) const edgec_packed w##v = edgec_load_weights(w + v * EDGEC_SUMS * EDGEC_GROUP);
#define EDGEC_I8_TILE_DOT(v, p) s##p##_##v = edgec_dot(s##p##_##v, group, w##v);
#define EDGEC_I8_TILE_DOTS(p, V)                                  \
  {                                                            \
    const edgec_spreads group = edgec_spread(from + EDGEC_I8_TILE_X(p)); \
    EDGEC_VECTORS_##V(EDGEC_I8_TILE_DOT, p)                       \
  }
#define EDGEC_I8_TILE_CODE(p, v)                                                                                     \
  edgec_end(edgec_coded_sums(s##p##_##v, &scales, op->floats) + op->zero_point, op->low, op->high, sum, other, y,    \
            place + EDGEC_I8_TILE_Y(p) + v * EDGEC_SUMS, v == vectors - 1 ? last : EDGEC_SUMS);
#define EDGEC_I8_TILE_CODES(v, P)                                                             \
  {                                                                                        \
    const edgec_scales scales = edgec_load_scales(codes + (4 * v + 1) * EDGEC_SUMS);       \
    EDGEC_TIMES_##P(EDGEC_I8_TILE_CODE, v)                                                    \
  }

/* edgec_tiles_i8_<P>x<V>: `down` x `right` tiles of P pixels, `columns` of them in a row, by `parts` times V vectors of output
   channels, of which the last one has `last`. more: added to the sums of each pixel of a line, or NULL; sum: what
   is made of codes and those of other, or NULL. weights:
   [part][rows][taps][groups][V][EDGEC_SUMS][EDGEC_GROUP]; codes: [part][V][bias, multiplier, rounding, shift][EDGEC_SUMS]. */
#define EDGEC_I8_TILES(P, V)                                                                                            \
  EDGEC_INLINE void edgec_tiles_i8_##P##x##V(const edgec_tiles_i8 *op, const int8_t *weights, const int32_t *codes, \
                                          int32_t parts, int32_t last_channels, int32_t columns, int32_t down,       \
                                          int32_t right, const int32_t *more, const edgec_input *x, int8_t *y,       \
                                          const edgec_add_i8 *sum, const int8_t *other)                              \
  {                                                                                                                  \
    enum { vectors = V };                                                                                            \
    const ptrdiff_t size = (ptrdiff_t)op->rows * op->taps * op->groups * V * EDGEC_SUMS * EDGEC_GROUP;               \
    for (int32_t part = 0; part < parts; ++part) {                                                                   \
      const int32_t last = part == parts - 1 ? last_channels : EDGEC_SUMS;                                           \
      for (int32_t tile = 0; tile < down * right; ++tile) {                                                          \
        const int32_t line = tile / right * (P / columns);                                                           \
        const int32_t column = tile % right * columns;                                                               \
        const edgec_input *const window = x + (line * op->line + column * op->pixel);                                \
        const ptrdiff_t place = (line * op->width + column) * op->channels + part * V * EDGEC_SUMS;                  \
        const int8_t *w = weights;                                                                             \
        EDGEC_VECTORS_##V(EDGEC_I8_TILE_BIAS, 0)                                                                        \
        EDGEC_TIMES_##P(EDGEC_I8_TILE_SUMS, V)                                                                          \
        for (int32_t row = 0; row < op->rows; ++row) {                                                               \
          for (int32_t tap = 0; tap < op->taps; ++tap) {                                                             \
            const edgec_input *from = window + (row * op->row + tap * op->tap);                                      \
            for (int32_t g = 0; g < op->groups; ++g) {                                                               \
              EDGEC_VECTORS_##V(EDGEC_I8_TILE_WEIGHT, 0)                                                                \
              EDGEC_TIMES_##P(EDGEC_I8_TILE_DOTS, V)                                                                    \
              from += EDGEC_GROUP;                                                                                   \
              w += V * EDGEC_SUMS * EDGEC_GROUP;                                                                     \
            }                                                                                                        \
          }                                                                                                          \
        }                                                                                                            \
        EDGEC_VECTORS_##V(EDGEC_I8_TILE_CODES, P)                                                                       \
      }                                                                                                              \
      weights += size;                                                                                               \
      codes += 4 * V * EDGEC_SUMS;                                                                                   \
    }                                                                                                                \
  }

EDGEC_I8_TILES(1, 1)
EDGEC_I8_TILES(2, 1)
EDGEC_I8_TILES(3, 1)
EDGEC_I8_TILES(4, 1)
EDGEC_I8_TILES(5, 1)
EDGEC_I8_TILES(6, 1)
EDGEC_I8_TILES(7, 1)
EDGEC_I8_TILES(8, 1)
EDGEC_I8_TILES(9, 1)
EDGEC_I8_TILES(10, 1)
EDGEC_I8_TILES(11, 1)
EDGEC_I8_TILES(12, 1)
EDGEC_I8_TILES(13, 1)
EDGEC_I8_TILES(14, 1)
EDGEC_I8_TILES(15, 1)
EDGEC_I8_TILES(16, 1)
EDGEC_I8_TILES(1, 2)
EDGEC_I8_TILES(2, 2)
EDGEC_I8_TILES(3, 2)
EDGEC_I8_TILES(4, 2)
EDGEC_I8_TILES(5, 2)
EDGEC_I8_TILES(6, 2)
EDGEC_I8_TILES(7, 2)
EDGEC_I8_TILES(8, 2)
EDGEC_I8_TILES(9, 2)
EDGEC_I8_TILES(10, 2)
EDGEC_I8_TILES(11, 2)
EDGEC_I8_TILES(12, 2)
EDGEC_I8_TILES(1, 3)
EDGEC_I8_TILES(2, 3)
EDGEC_I8_TILES(3, 3)
EDGEC_I8_TILES(4, 3)
EDGEC_I8_TILES(5, 3)
EDGEC_I8_TILES(6, 3)
EDGEC_I8_TILES(7, 3)
EDGEC_I8_TILES(8, 3)
EDGEC_I8_TILES(1, 4)
EDGEC_I8_TILES(2, 4)
EDGEC_I8_TILES(3, 4)
EDGEC_I8_TILES(4, 4)
EDGEC_I8_TILES(5, 4)
EDGEC_I8_TILES(6, 4)
EDGEC_I8_TILES(1, 8)

#endif
