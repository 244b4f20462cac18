/* Depthwise convolution, float32, on hosts: vectors of channels, tiles of pixels side by side. */
#ifndef EDGEC_DEPTHWISE_LANES_F32_H
#define EDGEC_DEPTHWISE_LANES_F32_H

#include "edgec/pad_f32.h"

/* In elements, but for those of lines and rows. */
typedef struct {
  int32_t channels;
  int32_t height;  /* rows of the image */
  int32_t row;     /* from one to the next */
  int32_t stride;  /* from the windows of a line to those of the next one, in rows */
  int32_t top;     /* the row in which the first window begins */
  int32_t rows;    /* of a window */
  int32_t apart;   /* from one to the next, in rows */
  int32_t taps;    /* of a row of a window */
  int32_t tap;     /* from one to the next */
  int32_t pixel;   /* from the window of a pixel to that of its neighbour */
  int32_t y_pixel;
  float low;
  float high;
} edgec_depthwise_lanes;

#define EDGEC_DEPTHWISE_BEGIN(p, a) edgec_lanes a##p = edgec_lanes_load(bias);
#define EDGEC_DEPTHWISE_END(p, a) \
  edgec_lanes_put(y + p * op->y_pixel, edgec_lanes_clamp(a##p, op->low, op->high), count);

/* Windows of three columns that lie side by side, or one apart. What is left of two pixels' windows is loaded once. */
#define EDGEC_DEPTHWISE_LOAD(j) \
  ((j) < left || (j) >= columns - right ? edgec_lanes_all(0.0f) : edgec_lanes_get(x + (at + (j) * op->channels), count))
#define EDGEC_DEPTHWISE_OPEN_1                    \
  edgec_lanes first = EDGEC_DEPTHWISE_LOAD(0);    \
  edgec_lanes second = EDGEC_DEPTHWISE_LOAD(1);
#define EDGEC_DEPTHWISE_THREE_1(p, a)                          \
  {                                                            \
    const edgec_lanes third = EDGEC_DEPTHWISE_LOAD(p + 2);     \
    a##p = edgec_lanes_fma(first, w0, a##p);                   \
    a##p = edgec_lanes_fma(second, w1, a##p);                  \
    a##p = edgec_lanes_fma(third, w2, a##p);                   \
    first = second;                                            \
    second = third;                                            \
  }
#define EDGEC_DEPTHWISE_OPEN_2 edgec_lanes first = EDGEC_DEPTHWISE_LOAD(0);
#define EDGEC_DEPTHWISE_THREE_2(p, a)                          \
  {                                                            \
    const edgec_lanes second = EDGEC_DEPTHWISE_LOAD(2 * p + 1); \
    const edgec_lanes third = EDGEC_DEPTHWISE_LOAD(2 * p + 2); \
    a##p = edgec_lanes_fma(first, w0, a##p);                   \
    a##p = edgec_lanes_fma(second, w1, a##p);                  \
    a##p = edgec_lanes_fma(third, w2, a##p);                   \
    first = third;                                             \
  }

/* edgec_depthwise3_<pixels>s<stride>: of `count` channels `tiles` tiles of a line one behind the other, whose first window begins
   in `column` of the image; `left`, `right`: columns of each tile's windows that are padding. x: the image; w: a vector of channels
   [rows][3]; bias: a vector; y: the first pixel. */
#define EDGEC_DEPTHWISE_3(P, S)                                                                                              \
  EDGEC_KERNEL void EDGEC_LANES_KERNEL(depthwise3_##P##s##S)(                                                                \
      const edgec_depthwise_lanes *op, int32_t count, int32_t tiles, int32_t line, int32_t column, int32_t left,             \
      int32_t right, const float *x, const float *w, const float *bias, float *y)                                            \
  {                                                                                                                          \
    enum { columns = (P - 1) * S + 3 };                                                                                      \
    const int32_t top = line * op->stride + op->top;                                                                         \
    for (int32_t t = 0; t < tiles; ++t) {                                                                                    \
      const float *weight = w;                                                                                               \
      EDGEC_EACH_##P(EDGEC_DEPTHWISE_BEGIN, a)                                                                               \
      for (int32_t r = 0; r < op->rows; ++r, weight += 3 * EDGEC_LANES) {                                                    \
        const int32_t place = top + r * op->apart;                                                                           \
        if (place >= 0 && place < op->height) {                                                                              \
          const edgec_lanes w0 = edgec_lanes_load(weight);                                                                   \
          const edgec_lanes w1 = edgec_lanes_load(weight + EDGEC_LANES);                                                     \
          const edgec_lanes w2 = edgec_lanes_load(weight + 2 * EDGEC_LANES);                                                 \
          const ptrdiff_t at = (ptrdiff_t)place * op->row + (column + t * P * S) * op->channels;                             \
          EDGEC_DEPTHWISE_OPEN_##S                                                                                           \
          EDGEC_EACH_##P(EDGEC_DEPTHWISE_THREE_##S, a)                                                                       \
        }                                                                                                                    \
      }                                                                                                                      \
      EDGEC_EACH_##P(EDGEC_DEPTHWISE_END, a)                                                                                 \
      y += P * op->y_pixel;                                                                                                  \
    }                                                                                                                        \
  }

#define EDGEC_DEPTHWISE_TAP(p, a) a##p = edgec_lanes_fma(edgec_lanes_get(from + p * op->pixel, count), weights, a##p);

/* edgec_depthwise_<pixels>: of `count` channels `tiles` tiles of a line one behind the other, of windows that are whole. x: the first
   window; w: a vector of channels [rows][taps]. */
#define EDGEC_DEPTHWISE_ANY(P)                                                                                              \
  EDGEC_KERNEL void EDGEC_LANES_KERNEL(depthwise_##P)(const edgec_depthwise_lanes *op, int32_t count, int32_t tiles,        \
                                                      const float *x, const float *w, const float *bias, float *y)          \
  {                                                                                                                         \
    for (int32_t t = 0; t < tiles; ++t) {                                                                                   \
      const float *weight = w;                                                                                              \
      EDGEC_EACH_##P(EDGEC_DEPTHWISE_BEGIN, a)                                                                              \
      for (int32_t r = 0; r < op->rows; ++r) {                                                                              \
        for (int32_t k = 0; k < op->taps; ++k, weight += EDGEC_LANES) {                                                     \
          const edgec_lanes weights = edgec_lanes_load(weight);                                                             \
          const float *const from = x + r * op->row + k * op->tap;                                                          \
          EDGEC_EACH_##P(EDGEC_DEPTHWISE_TAP, a)                                                                            \
        }                                                                                                                   \
      }                                                                                                                     \
      EDGEC_EACH_##P(EDGEC_DEPTHWISE_END, a)                                                                                \
      x += P * op->pixel;                                                                                                   \
      y += P * op->y_pixel;                                                                                                 \
    }                                                                                                                       \
  }

EDGEC_DEPTHWISE_3(1, 1)
EDGEC_DEPTHWISE_3(1, 2)
EDGEC_DEPTHWISE_3(2, 1)
EDGEC_DEPTHWISE_3(2, 2)
EDGEC_DEPTHWISE_3(3, 1)
EDGEC_DEPTHWISE_3(3, 2)
EDGEC_DEPTHWISE_3(4, 1)
EDGEC_DEPTHWISE_3(4, 2)
EDGEC_DEPTHWISE_3(5, 1)
EDGEC_DEPTHWISE_3(5, 2)
EDGEC_DEPTHWISE_3(6, 1)
EDGEC_DEPTHWISE_3(6, 2)
EDGEC_DEPTHWISE_3(7, 1)
EDGEC_DEPTHWISE_3(7, 2)
EDGEC_DEPTHWISE_3(8, 1)
EDGEC_DEPTHWISE_3(8, 2)
EDGEC_DEPTHWISE_3(9, 1)
EDGEC_DEPTHWISE_3(9, 2)
EDGEC_DEPTHWISE_3(10, 1)
EDGEC_DEPTHWISE_3(10, 2)
EDGEC_DEPTHWISE_3(11, 1)
EDGEC_DEPTHWISE_3(11, 2)
EDGEC_DEPTHWISE_3(12, 1)
EDGEC_DEPTHWISE_3(12, 2)
EDGEC_DEPTHWISE_ANY(1)
EDGEC_DEPTHWISE_ANY(2)
EDGEC_DEPTHWISE_ANY(3)
EDGEC_DEPTHWISE_ANY(4)
EDGEC_DEPTHWISE_ANY(5)
EDGEC_DEPTHWISE_ANY(6)
EDGEC_DEPTHWISE_ANY(7)
EDGEC_DEPTHWISE_ANY(8)
EDGEC_DEPTHWISE_ANY(9)
EDGEC_DEPTHWISE_ANY(10)
EDGEC_DEPTHWISE_ANY(11)
EDGEC_DEPTHWISE_ANY(12)

#endif
