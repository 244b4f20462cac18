/* Convolution by windows of three columns side by side, float32, on hosts: tiles of pixels in a line x vectors of output channels,
   from the image as it lies. An input is loaded once for all pixels that see it; padding is not loaded. */
#ifndef EDGEC_CONV3_LANES_F32_H
#define EDGEC_CONV3_LANES_F32_H

#include "edgec/tiles_f32.h"

/* In elements, but for those of lines and rows. */
typedef struct {
  int32_t channels; /* of the image */
  int32_t height;   /* rows of the image */
  int32_t row;      /* from one to the next */
  int32_t stride;   /* from the windows of a line to those of the next one, in rows */
  int32_t top;      /* the row in which the first window begins */
  int32_t rows;     /* of a window */
  int32_t apart;    /* from one to the next, in rows */
  int32_t y_pixel;
  int32_t last;     /* channels in the last vector of the group */
  float low;
  float high;
} edgec_conv3;

#define EDGEC_CONV3_WEIGHTS(v, V)                                                 \
  const edgec_lanes left##v = edgec_lanes_load(weight + v * EDGEC_LANES);         \
  const edgec_lanes middle##v = edgec_lanes_load(weight + (V + v) * EDGEC_LANES); \
  const edgec_lanes right##v = edgec_lanes_load(weight + (2 * V + v) * EDGEC_LANES);
#define EDGEC_CONV3_INPUT(j) \
  edgec_lanes_all((j) < left || (j) >= columns - right ? 0.0f : x[at + (j) * op->channels])
#define EDGEC_CONV3_SUM(p, v)                                  \
  a##p##_##v = edgec_lanes_fma(first, left##v, a##p##_##v);    \
  a##p##_##v = edgec_lanes_fma(second, middle##v, a##p##_##v); \
  a##p##_##v = edgec_lanes_fma(third, right##v, a##p##_##v);
/* By the stride: what the next pixel sees, too, is kept. */
#define EDGEC_CONV3_OPEN_1                     \
  edgec_lanes first = EDGEC_CONV3_INPUT(0);    \
  edgec_lanes second = EDGEC_CONV3_INPUT(1);
#define EDGEC_CONV3_SUMS_1(p, V)                           \
  {                                                        \
    const edgec_lanes third = EDGEC_CONV3_INPUT(p + 2);    \
    EDGEC_TILE_##V(EDGEC_CONV3_SUM, p)                     \
    first = second;                                        \
    second = third;                                        \
  }
#define EDGEC_CONV3_OPEN_2 edgec_lanes first = EDGEC_CONV3_INPUT(0);
#define EDGEC_CONV3_SUMS_2(p, V)                            \
  {                                                         \
    const edgec_lanes second = EDGEC_CONV3_INPUT(2 * p + 1); \
    const edgec_lanes third = EDGEC_CONV3_INPUT(2 * p + 2); \
    EDGEC_TILE_##V(EDGEC_CONV3_SUM, p)                      \
    first = third;                                          \
  }
#define EDGEC_CONV3_END(p, v) \
  edgec_tile_end(op->low, op->high, a##p##_##v, more, y, p * op->y_pixel + v * EDGEC_LANES, v < vectors - 1 ? EDGEC_LANES : op->last);
#define EDGEC_CONV3_ENDS(p, V) EDGEC_TILE_##V(EDGEC_CONV3_END, p)

/* edgec_conv3_<pixels>x<vectors>s<stride>: `tiles` tiles of a line one behind the other, whose first window begins in `column` of
   the image; `left`, `right`: columns of each tile's windows that are padding. x: the image; w: [rows][channels][3][vectors] of the
   group; bias: [vectors]; y, and more or NULL: the group's channels of the first pixel. */
#define EDGEC_CONV3(P, V, S)                                                                                                  \
  EDGEC_KERNEL void EDGEC_LANES_KERNEL(conv3_##P##x##V##s##S)(                                                                \
      const edgec_conv3 *op, int32_t tiles, int32_t line, int32_t column, int32_t left, int32_t right, const float *x,        \
      const float *w, const float *bias, const float *more, float *y)                                                         \
  {                                                                                                                           \
    enum { vectors = V, columns = (P - 1) * S + 3 };                                                                          \
    for (int32_t t = 0; t < tiles; ++t) {                                                                                     \
      EDGEC_EACH_##P(EDGEC_TILE_BEGINS, V)                                                                                    \
      for (int32_t r = 0; r < op->rows; ++r) {                                                                                \
        const int32_t place = line * op->stride + op->top + r * op->apart;                                                    \
        if (place >= 0 && place < op->height) {                                                                               \
          ptrdiff_t at = (ptrdiff_t)place * op->row + (column + t * P * S) * op->channels;                                    \
          const float *weight = w + r * op->channels * 3 * vectors * EDGEC_LANES;                                             \
          for (int32_t i = 0; i < op->channels; ++i, ++at, weight += 3 * vectors * EDGEC_LANES) {                             \
            EDGEC_EACH_##V(EDGEC_CONV3_WEIGHTS, V)                                                                            \
            EDGEC_CONV3_OPEN_##S                                                                                              \
            EDGEC_EACH_##P(EDGEC_CONV3_SUMS_##S, V)                                                                           \
          }                                                                                                                   \
        }                                                                                                                     \
      }                                                                                                                       \
      EDGEC_EACH_##P(EDGEC_CONV3_ENDS, V)                                                                                     \
      y += P * op->y_pixel;                                                                                                   \
      more = more == NULL ? NULL : more + P * op->y_pixel;                                                                    \
    }                                                                                                                         \
  }

EDGEC_CONV3(1, 1, 1)
EDGEC_CONV3(2, 1, 1)
EDGEC_CONV3(3, 1, 1)
EDGEC_CONV3(4, 1, 1)
EDGEC_CONV3(5, 1, 1)
EDGEC_CONV3(6, 1, 1)
EDGEC_CONV3(7, 1, 1)
EDGEC_CONV3(8, 1, 1)
EDGEC_CONV3(9, 1, 1)
EDGEC_CONV3(10, 1, 1)
EDGEC_CONV3(11, 1, 1)
EDGEC_CONV3(12, 1, 1)
EDGEC_CONV3(13, 1, 1)
EDGEC_CONV3(14, 1, 1)
EDGEC_CONV3(15, 1, 1)
EDGEC_CONV3(16, 1, 1)
EDGEC_CONV3(1, 2, 1)
EDGEC_CONV3(2, 2, 1)
EDGEC_CONV3(3, 2, 1)
EDGEC_CONV3(4, 2, 1)
EDGEC_CONV3(5, 2, 1)
EDGEC_CONV3(6, 2, 1)
EDGEC_CONV3(7, 2, 1)
EDGEC_CONV3(8, 2, 1)
EDGEC_CONV3(9, 2, 1)
EDGEC_CONV3(10, 2, 1)
EDGEC_CONV3(11, 2, 1)
EDGEC_CONV3(1, 1, 2)
EDGEC_CONV3(2, 1, 2)
EDGEC_CONV3(3, 1, 2)
EDGEC_CONV3(4, 1, 2)
EDGEC_CONV3(5, 1, 2)
EDGEC_CONV3(6, 1, 2)
EDGEC_CONV3(7, 1, 2)
EDGEC_CONV3(8, 1, 2)
EDGEC_CONV3(9, 1, 2)
EDGEC_CONV3(10, 1, 2)
EDGEC_CONV3(11, 1, 2)
EDGEC_CONV3(12, 1, 2)
EDGEC_CONV3(13, 1, 2)
EDGEC_CONV3(14, 1, 2)
EDGEC_CONV3(15, 1, 2)
EDGEC_CONV3(16, 1, 2)
EDGEC_CONV3(1, 2, 2)
EDGEC_CONV3(2, 2, 2)
EDGEC_CONV3(3, 2, 2)
EDGEC_CONV3(4, 2, 2)
EDGEC_CONV3(5, 2, 2)
EDGEC_CONV3(6, 2, 2)
EDGEC_CONV3(7, 2, 2)
EDGEC_CONV3(8, 2, 2)
EDGEC_CONV3(9, 2, 2)
EDGEC_CONV3(10, 2, 2)
EDGEC_CONV3(11, 2, 2)

#endif
