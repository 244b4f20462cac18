/* The k largest or smallest elements along one axis, in order, and their positions. */
#ifndef EDGEC_TOP_K_H
#define EDGEC_TOP_K_H

#include "edgec/along.h"

/* The first k results of a line are a heap, its worst at the root, while the line is read; then they are sorted in place.
   Of equals the first beats the others; NaN counts as larger than any number. At most 2 k log k + n log k steps. */
#define EDGEC_TOP_K(suffix, type, wide)                                                                               \
  EDGEC_INLINE int32_t edgec_top_k_beats_##suffix(int32_t largest, type a, int64_t i, type b, int64_t j)              \
  {                                                                                                                   \
    const int32_t above = a > b || (a != a && b == b);                                                                \
    const int32_t below = a < b || (b != b && a == a);                                                                \
    return (above || below) ? (largest ? above : below) : i < j;                                                      \
  }                                                                                                                   \
                                                                                                                      \
  /* Put an element into the heap of `count`, of which the place `hole` is free and those below it are heaps. */      \
  EDGEC_INLINE void edgec_top_k_sift_##suffix(int32_t largest, int32_t stride, int32_t count, int32_t hole,           \
                                              type value, int64_t index, type *y, int64_t *at)                        \
  {                                                                                                                   \
    for (int32_t child = 2 * hole + 1; child < count; child = 2 * hole + 1) {                                         \
      int32_t worst = child;                                                                                          \
      if (child + 1 < count && edgec_top_k_beats_##suffix(largest, y[child * stride], at[child * stride],             \
                                                          y[(child + 1) * stride], at[(child + 1) * stride])) {       \
        worst = child + 1;                                                                                            \
      }                                                                                                               \
      if (!edgec_top_k_beats_##suffix(largest, value, index, y[worst * stride], at[worst * stride])) {                \
        break;                                                                                                        \
      }                                                                                                               \
      y[hole * stride] = y[worst * stride];                                                                           \
      at[hole * stride] = at[worst * stride];                                                                         \
      hole = worst;                                                                                                   \
    }                                                                                                                 \
    y[hole * stride] = value;                                                                                         \
    at[hole * stride] = index;                                                                                        \
  }                                                                                                                   \
                                                                                                                      \
  EDGEC_KERNEL void edgec_top_k_##suffix(const edgec_along *op, int32_t k, int32_t largest, const type *x, type *y,   \
                                         int64_t *indices)                                                            \
  {                                                                                                                   \
    const int32_t stride = op->inner;                                                                                 \
    EDGEC_ALONG_LINES(                                                                                                \
        type, type, k, int64_t *const at = indices + (to - y); for (int32_t a = 0; a < k; ++a) {                      \
          to[a * stride] = from[a * stride];                                                                          \
          at[a * stride] = a;                                                                                         \
        } for (int32_t a = k / 2 - 1; a >= 0; --a) {                                                                  \
          edgec_top_k_sift_##suffix(largest, stride, k, a, to[a * stride], at[a * stride], to, at);                   \
        } for (int32_t a = k; a < op->axis; ++a) {                                                                    \
          const type value = from[a * stride];                                                                        \
          if (edgec_top_k_beats_##suffix(largest, value, a, to[0], at[0])) {                                          \
            edgec_top_k_sift_##suffix(largest, stride, k, 0, value, a, to, at);                                       \
          }                                                                                                           \
        } for (int32_t a = k - 1; a > 0; --a) {                                                                       \
          const type value = to[a * stride];                                                                          \
          const int64_t index = at[a * stride];                                                                       \
          to[a * stride] = to[0];                                                                                     \
          at[a * stride] = at[0];                                                                                     \
          edgec_top_k_sift_##suffix(largest, stride, a, 0, value, index, to, at);                                     \
        })                                                                                                            \
  }

EDGEC_FOR_FLOATS(EDGEC_TOP_K)
EDGEC_FOR_INTEGERS(EDGEC_TOP_K)

#endif
