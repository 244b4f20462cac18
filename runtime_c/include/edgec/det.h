/* Determinants of square matrices. */
#ifndef EDGEC_DET_H
#define EDGEC_DET_H

#include "edgec/float_bits.h"
#include "edgec/types.h"

/* Elimination with the largest pivot of each column, on a copy of the matrix in `work` [n][n]: the product of the pivots,
   first to last, its sign turned by each exchange of rows. */
#define EDGEC_DET(suffix, type, wide)                                                                               \
  EDGEC_KERNEL void edgec_det_##suffix(int32_t matrices, int32_t n, const type *x, type *y, type *work)             \
  {                                                                                                                 \
    for (int32_t m = 0; m < matrices; ++m) {                                                                        \
      type product = 1;                                                                                             \
      for (int32_t i = 0; i < n * n; ++i) {                                                                         \
        work[i] = *x++;                                                                                             \
      }                                                                                                             \
      for (int32_t c = 0; c < n; ++c) {                                                                             \
        int32_t pivot = c;                                                                                          \
        for (int32_t r = c + 1; r < n; ++r) {                                                                       \
          if (edgec_magnitude_##suffix(work[r * n + c]) > edgec_magnitude_##suffix(work[pivot * n + c])) {          \
            pivot = r;                                                                                              \
          }                                                                                                         \
        }                                                                                                           \
        if (pivot != c) {                                                                                           \
          for (int32_t j = c; j < n; ++j) {                                                                         \
            const type kept = work[c * n + j];                                                                      \
            work[c * n + j] = work[pivot * n + j];                                                                  \
            work[pivot * n + j] = kept;                                                                             \
          }                                                                                                         \
          product = -product;                                                                                       \
        }                                                                                                           \
        product *= work[c * n + c];                                                                                 \
        for (int32_t r = c + 1; work[c * n + c] != 0 && r < n; ++r) {                                               \
          const type factor = work[r * n + c] / work[c * n + c];                                                    \
          for (int32_t j = c + 1; j < n; ++j) {                                                                     \
            work[r * n + j] -= factor * work[c * n + j];                                                            \
          }                                                                                                         \
        }                                                                                                           \
      }                                                                                                             \
      y[m] = product;                                                                                               \
    }                                                                                                               \
  }

EDGEC_FOR_FLOATS(EDGEC_DET)

#endif
