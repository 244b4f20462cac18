/* How often each n-gram of a pool stands in a sequence. */
#ifndef EDGEC_TF_IDF_H
#define EDGEC_TF_IDF_H

#include "edgec/types.h"

/* x is [rows][columns], y is [rows][outputs]. The pool holds counts[0] n-grams of `shortest` elements, counts[1] of one
   more, and so on. Their elements stand 1 to skips + 1 apart in x. */
typedef struct {
  int32_t rows;
  int32_t columns;
  int32_t outputs;
  int32_t shortest;
  int32_t longest;
  int32_t skips;
  int32_t binary; /* any number counts as 1 */
} edgec_tf_idf;

/* n-gram i of the pool is counted in y[places[i]], which lies in 0 .. outputs - 1; weights may be NULL. */
#define EDGEC_TF_IDF(suffix, type)                                                                                    \
  EDGEC_KERNEL void edgec_tf_idf_##suffix(const edgec_tf_idf *op, const int32_t *counts, const int64_t *pool,         \
                                          const int32_t *places, const float *weights, const type *x, float *y)       \
  {                                                                                                                   \
    for (int32_t r = 0; r < op->rows; ++r) {                                                                          \
      const int64_t *gram = pool;                                                                                     \
      const int32_t *place = places;                                                                                  \
      for (int32_t o = 0; o < op->outputs; ++o) {                                                                     \
        y[o] = 0.0f;                                                                                                  \
      }                                                                                                               \
      for (int32_t length = op->shortest; length <= op->longest; ++length) {                                          \
        const int32_t steps = length > 1 ? op->skips + 1 : 1;                                                         \
        for (int32_t g = 0; g < counts[length - op->shortest]; ++g) {                                                 \
          for (int32_t step = 1; step <= steps; ++step) {                                                             \
            for (int32_t first = 0; first < op->columns - (length - 1) * step; ++first) {                             \
              int32_t same = 0;                                                                                       \
              while (same < length && x[first + same * step] == gram[same]) {                                         \
                ++same;                                                                                               \
              }                                                                                                       \
              y[*place] += same == length ? 1.0f : 0.0f;                                                              \
            }                                                                                                         \
          }                                                                                                           \
          gram += length;                                                                                             \
          ++place;                                                                                                    \
        }                                                                                                             \
      }                                                                                                               \
      for (int32_t o = 0; o < op->outputs; ++o) {                                                                     \
        y[o] = (op->binary && y[o] > 1.0f) ? 1.0f : y[o];                                                             \
        y[o] *= weights == NULL ? 1.0f : weights[o];                                                                  \
      }                                                                                                               \
      x += op->columns;                                                                                               \
      y += op->outputs;                                                                                               \
    }                                                                                                                 \
  }

EDGEC_TF_IDF(i32, int32_t)
EDGEC_TF_IDF(i64, int64_t)

#endif
