/* Discrete Fourier transforms, of whole lines and of windowed frames. */
#ifndef EDGEC_DFT_H
#define EDGEC_DFT_H

#include "edgec/types.h"

/* Strides are in elements. A line has `length` complex elements; `given` of them are read, the others are 0, or with
   `mirrored` the conjugates of those at the mirrored place. Of the result `taken` are written. */
typedef struct {
  int32_t extent[2];
  int32_t x_line[2];
  int32_t y_line[2];
  int32_t x_stride;
  int32_t y_stride;
  int32_t length;
  int32_t given;
  int32_t taken;
  int32_t mirrored;
  int32_t from; /* components that x has: 1 (real) or 2 */
  int32_t to;   /* components that y gets */
} edgec_dft;

/* Element n of a line, times the window where there is one. */
#define EDGEC_DFT(suffix, type, wide)                                                                                 \
  typedef struct {                                                                                                    \
    type re, im;                                                                                                      \
  } edgec_complex_##suffix;                                                                                           \
                                                                                                                      \
  EDGEC_INLINE edgec_complex_##suffix edgec_dft_load_##suffix(const edgec_dft *op, const type *x, const type *window, \
                                                              int32_t n)                                              \
  {                                                                                                                   \
    edgec_complex_##suffix value = {0, 0};                                                                            \
    const int32_t reflected = op->mirrored && n >= op->given;                                                         \
    const int32_t place = reflected ? op->length - n : n;                                                             \
    if (place < op->given) {                                                                                          \
      value.re = x[(ptrdiff_t)place * op->x_stride];                                                                  \
      value.im = op->from == 2 ? x[(ptrdiff_t)place * op->x_stride + 1] : (type)0;                                    \
      value.im = reflected ? -value.im : value.im;                                                                    \
      value.re = window == NULL ? value.re : value.re * window[n];                                                    \
      value.im = window == NULL ? value.im : value.im * window[n];                                                    \
    }                                                                                                                 \
    return value;                                                                                                     \
  }                                                                                                                   \
                                                                                                                      \
  EDGEC_INLINE void edgec_dft_store_##suffix(const edgec_dft *op, type *y, int32_t k, type scale,                     \
                                             edgec_complex_##suffix value)                                            \
  {                                                                                                                   \
    y[(ptrdiff_t)k * op->y_stride] = value.re * scale;                                                                \
    if (op->to == 2) {                                                                                                \
      y[(ptrdiff_t)k * op->y_stride + 1] = value.im * scale;                                                          \
    }                                                                                                                 \
  }                                                                                                                   \
                                                                                                                      \
  EDGEC_INLINE edgec_complex_##suffix edgec_complex_mul_##suffix(edgec_complex_##suffix a, edgec_complex_##suffix b)  \
  {                                                                                                                   \
    const edgec_complex_##suffix product = {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};                    \
    return product;                                                                                                   \
  }                                                                                                                   \
                                                                                                                      \
  EDGEC_INLINE edgec_complex_##suffix edgec_dft_turn_##suffix(const type *turns, int32_t n)                           \
  {                                                                                                                   \
    const edgec_complex_##suffix turn = {turns[2 * (ptrdiff_t)n], turns[2 * (ptrdiff_t)n + 1]};                       \
    return turn;                                                                                                      \
  }                                                                                                                   \
                                                                                                                      \
  /* By the definition: element 0, then the middle one if the length is even, then pairs n and length - n for ascending\
     n, whose turns are conjugates: a sum and a difference share them, and what cancels in a pair does so exactly.    \
     turns[n] is exp(-+2 pi i n / length). y must not overlap x. */                                                   \
  EDGEC_KERNEL void edgec_dft_direct_##suffix(const edgec_dft *op, type scale, const type *turns, const type *window, \
                                              const type *x, type *y)                                                 \
  {                                                                                                                   \
    for (int32_t i = 0; i < op->extent[0]; ++i) {                                                                     \
      for (int32_t j = 0; j < op->extent[1]; ++j) {                                                                   \
        const type *const from = x + ((ptrdiff_t)i * op->x_line[0] + (ptrdiff_t)j * op->x_line[1]);                   \
        type *const to = y + ((ptrdiff_t)i * op->y_line[0] + (ptrdiff_t)j * op->y_line[1]);                           \
        for (int32_t k = 0; k < op->taken; ++k) {                                                                     \
          edgec_complex_##suffix sum = edgec_dft_load_##suffix(op, from, window, 0);                                  \
          if (op->length % 2 == 0) {                                                                                  \
            const edgec_complex_##suffix middle = edgec_dft_load_##suffix(op, from, window, op->length / 2);          \
            sum.re = k % 2 == 0 ? sum.re + middle.re : sum.re - middle.re;                                            \
            sum.im = k % 2 == 0 ? sum.im + middle.im : sum.im - middle.im;                                            \
          }                                                                                                           \
          int32_t at = 0;                                                                                             \
          for (int32_t n = 1; n < op->length - n; ++n) {                                                              \
            const edgec_complex_##suffix a = edgec_dft_load_##suffix(op, from, window, n);                            \
            const edgec_complex_##suffix b = edgec_dft_load_##suffix(op, from, window, op->length - n);               \
            at += at >= op->length - k ? k - op->length : k;                                                          \
            const edgec_complex_##suffix turn = edgec_dft_turn_##suffix(turns, at);                                   \
            sum.re += (a.re + b.re) * turn.re - (a.im - b.im) * turn.im;                                              \
            sum.im += (a.im + b.im) * turn.re + (a.re - b.re) * turn.im;                                              \
          }                                                                                                           \
          edgec_dft_store_##suffix(op, to, k, scale, sum);                                                            \
        }                                                                                                             \
      }                                                                                                               \
    }                                                                                                                 \
  }                                                                                                                   \
                                                                                                                      \
  /* Length a power of two: decimation in time, radix 2, in `work`, which takes `length` complex elements; half the     \
     turns are read. */                                                                                               \
  EDGEC_KERNEL void edgec_dft_radix2_##suffix(const edgec_dft *op, type scale, const type *turns, const type *window, \
                                              const type *x, type *y, void *scratch)                                  \
  {                                                                                                                   \
    edgec_complex_##suffix *const work = (edgec_complex_##suffix *)scratch;                                           \
    for (int32_t i = 0; i < op->extent[0]; ++i) {                                                                     \
      for (int32_t j = 0; j < op->extent[1]; ++j) {                                                                   \
        const type *const from = x + ((ptrdiff_t)i * op->x_line[0] + (ptrdiff_t)j * op->x_line[1]);                   \
        type *const to = y + ((ptrdiff_t)i * op->y_line[0] + (ptrdiff_t)j * op->y_line[1]);                           \
        int32_t reversed = 0;                                                                                         \
        for (int32_t n = 0; n < op->length; ++n) {                                                                    \
          work[reversed] = edgec_dft_load_##suffix(op, from, window, n);                                              \
          int32_t bit = op->length / 2;                                                                               \
          for (; bit > 0 && reversed >= bit; bit /= 2) {                                                              \
            reversed -= bit;                                                                                          \
          }                                                                                                           \
          reversed += bit;                                                                                            \
        }                                                                                                             \
        for (int32_t half = 1; half < op->length; half *= 2) {                                                        \
          const int32_t step = op->length / half / 2;                                                                 \
          for (int32_t b = 0; b < op->length; b += 2 * half) {                                                        \
            for (int32_t n = 0; n < half; ++n) {                                                                      \
              const edgec_complex_##suffix even = work[b + n];                                                        \
              const edgec_complex_##suffix odd =                                                                      \
                  edgec_complex_mul_##suffix(work[b + n + half], edgec_dft_turn_##suffix(turns, n * step));           \
              work[b + n].re = even.re + odd.re;                                                                      \
              work[b + n].im = even.im + odd.im;                                                                      \
              work[b + n + half].re = even.re - odd.re;                                                               \
              work[b + n + half].im = even.im - odd.im;                                                               \
            }                                                                                                         \
          }                                                                                                           \
        }                                                                                                             \
        for (int32_t k = 0; k < op->taken; ++k) {                                                                     \
          edgec_dft_store_##suffix(op, to, k, scale, work[k]);                                                        \
        }                                                                                                             \
      }                                                                                                               \
    }                                                                                                                 \
  }

EDGEC_FOR_FLOATS(EDGEC_DFT)

#endif
