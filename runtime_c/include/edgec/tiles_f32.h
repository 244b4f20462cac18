/* Products of float32 by known weights on hosts: tiles of pixels x vectors of output channels, whose sums are in registers. What
   convolutions and dense layers are made of. */
#ifndef EDGEC_TILES_F32_H
#define EDGEC_TILES_F32_H

#include "edgec/lanes_f32.h"

/* Of one group of channels, in elements. A window has `rows` x `taps` runs of `run` elements. */
typedef struct {
  int32_t step;    /* from tile to tile */
  int32_t columns; /* pixels in a line of a tile */
  int32_t pixel;   /* from the window of a pixel to that of its neighbour */
  int32_t line;    /* to that of the pixel below */
  int32_t rows;    /* of a window */
  int32_t row;     /* from one to the next */
  int32_t taps;    /* of a row of a window */
  int32_t tap;     /* from one to the next */
  int32_t run;
  int32_t y_step;  /* as those above, of the result */
  int32_t y_pixel;
  int32_t y_line;
  int32_t last;    /* channels in the last vector of the group */
  int32_t ahead;   /* from the group's weights to those that are needed next, which go to a cache meanwhile; or 0 */
  float low;
  float high;
} edgec_tiles;

#define EDGEC_TILE_X(p) ((p) / op->columns * op->line + (p) % op->columns * op->pixel)
#define EDGEC_TILE_Y(p) ((p) / op->columns * op->y_line + (p) % op->columns * op->y_pixel)

/* m(p, 0) ... m(p, V - 1): of a pixel's vectors; accumulators are a<pixel>_<vector>, weights and biases w<vector>. */
#define EDGEC_TILE_1(m, p) m(p, 0)
#define EDGEC_TILE_2(m, p) EDGEC_TILE_1(m, p) m(p, 1)
#define EDGEC_TILE_3(m, p) EDGEC_TILE_2(m, p) m(p, 2)
#define EDGEC_TILE_4(m, p) EDGEC_TILE_3(m, p) m(p, 3)
#define EDGEC_TILE_8(m, p) EDGEC_TILE_4(m, p) m(p, 4) m(p, 5) m(p, 6) m(p, 7)

#define EDGEC_TILE_WEIGHT(v, V) const edgec_lanes w##v = edgec_lanes_load(weight + v * EDGEC_LANES);
#define EDGEC_TILE_BEGIN(p, v) edgec_lanes a##p##_##v = edgec_lanes_load(bias + v * EDGEC_LANES);
#define EDGEC_TILE_SUM(p, v) a##p##_##v = edgec_lanes_fma(b, w##v, a##p##_##v);
#define EDGEC_TILE_BEGINS(p, V) EDGEC_TILE_##V(EDGEC_TILE_BEGIN, p)
#define EDGEC_TILE_ENDS(p, V) EDGEC_TILE_##V(EDGEC_TILE_END, p)
#define EDGEC_TILE_SUMS(p, V)                                     \
  {                                                               \
    const edgec_lanes b = edgec_lanes_all(from[EDGEC_TILE_X(p)]); \
    EDGEC_TILE_##V(EDGEC_TILE_SUM, p)                             \
  }
#define EDGEC_TILE_END(p, v) \
  edgec_tile_end(op->low, op->high, a##p##_##v, more, y, EDGEC_TILE_Y(p) + v * EDGEC_LANES, v < vectors - 1 ? EDGEC_LANES : op->last);

/* Clamp a sum, to which an element of another tensor with the result's shape is added before if there is one, and store it. */
EDGEC_INLINE void edgec_tile_end(float low, float high, edgec_lanes sum, const float *more, float *y, int32_t place, int32_t count)
{
  if (more != NULL) {
    sum = sum + edgec_lanes_get(more + place, count);
  }
  edgec_lanes_put(y + place, edgec_lanes_clamp(sum, low, high), count);
}

/* edgec_tiles_<pixels>x<vectors>: `count` tiles one behind the other. x: the first window; w: [rows][taps][run][vectors] of the
   group; bias: [vectors]; y, and more or NULL: the group's channels of the first pixel. */
#define EDGEC_TILES(P, V)                                                                                                   \
  EDGEC_KERNEL void EDGEC_LANES_KERNEL(tiles_##P##x##V)(const edgec_tiles *op, int32_t count, const float *x, const float *w, \
                                                        const float *bias, const float *more, float *y)                     \
  {                                                                                                                         \
    enum { vectors = V };                                                                                                   \
    const int32_t size = op->rows * op->taps * op->run;                                                                     \
    for (int32_t t = 0; t < count; ++t) {                                                                                   \
      const float *weight = w;                                                                                              \
      int32_t next = op->ahead + (t < vectors ? t : 0) * size * EDGEC_LANES;                                                \
      EDGEC_EACH_##P(EDGEC_TILE_BEGINS, V)                                                                                  \
      for (int32_t r = 0; r < op->rows; ++r) {                                                                              \
        for (int32_t k = 0; k < op->taps; ++k) {                                                                            \
          const float *from = x + r * op->row + k * op->tap;                                                                \
          for (int32_t i = 0; i < op->run; ++i, ++from, weight += vectors * EDGEC_LANES) {                                  \
            if (op->ahead > 0) {                                                                                            \
              EDGEC_PREFETCH(w, next);                                                                                  \
              next += EDGEC_LANES;                                                                                          \
            }                                                                                                               \
            EDGEC_EACH_##V(EDGEC_TILE_WEIGHT, V)                                                                            \
            EDGEC_EACH_##P(EDGEC_TILE_SUMS, V)                                                                              \
          }                                                                                                                 \
        }                                                                                                                   \
      }                                                                                                                     \
      EDGEC_EACH_##P(EDGEC_TILE_ENDS, V)                                                                                    \
      x += op->step;                                                                                                        \
      y += op->y_step;                                                                                                      \
      more = more == NULL ? NULL : more + op->y_step;                                                                       \
    }                                                                                                                       \
  }

EDGEC_TILES(1, 1)
EDGEC_TILES(2, 1)
EDGEC_TILES(3, 1)
EDGEC_TILES(4, 1)
EDGEC_TILES(5, 1)
EDGEC_TILES(6, 1)
EDGEC_TILES(7, 1)
EDGEC_TILES(8, 1)
EDGEC_TILES(9, 1)
EDGEC_TILES(10, 1)
EDGEC_TILES(11, 1)
EDGEC_TILES(12, 1)
EDGEC_TILES(13, 1)
EDGEC_TILES(14, 1)
EDGEC_TILES(15, 1)
EDGEC_TILES(16, 1)
EDGEC_TILES(1, 2)
EDGEC_TILES(2, 2)
EDGEC_TILES(3, 2)
EDGEC_TILES(4, 2)
EDGEC_TILES(5, 2)
EDGEC_TILES(6, 2)
EDGEC_TILES(7, 2)
EDGEC_TILES(8, 2)
EDGEC_TILES(9, 2)
EDGEC_TILES(10, 2)
EDGEC_TILES(11, 2)
EDGEC_TILES(12, 2)
EDGEC_TILES(13, 2)
EDGEC_TILES(14, 2)
EDGEC_TILES(1, 3)
EDGEC_TILES(2, 3)
EDGEC_TILES(3, 3)
EDGEC_TILES(4, 3)
EDGEC_TILES(5, 3)
EDGEC_TILES(6, 3)
EDGEC_TILES(7, 3)
EDGEC_TILES(8, 3)
EDGEC_TILES(9, 3)
EDGEC_TILES(1, 4)
EDGEC_TILES(2, 4)
EDGEC_TILES(3, 4)
EDGEC_TILES(4, 4)
EDGEC_TILES(5, 4)
EDGEC_TILES(6, 4)
EDGEC_TILES(1, 8)
EDGEC_TILES(2, 8)

#endif
