/* What the reductions have in common: the walk, and how floats are summed. */
#ifndef EDGEC_REDUCE_H
#define EDGEC_REDUCE_H

#include "edgec/float_bits.h"
#include "edgec/types.h"

#define EDGEC_REDUCE_AXES 4

/* Axes that stay and axes that are reduced, each from the outermost in, with their strides in the operand. The caller
   merges neighbours of one kind; absent axes have extent 1. `count` is the number of elements behind each result. */
typedef struct {
  int32_t kept[EDGEC_REDUCE_AXES];
  int32_t kept_stride[EDGEC_REDUCE_AXES];
  int32_t reduced[EDGEC_REDUCE_AXES];
  int32_t reduced_stride[EDGEC_REDUCE_AXES];
  int32_t count;
} edgec_reduce;

/* Once for each index of the axes that are kept: `body` sees `first`, its first element. */
#define EDGEC_REDUCE_KEPT(type, ...)                                                             \
  for (int32_t i = 0; i < op->kept[0]; ++i) {                                                    \
    for (int32_t j = 0; j < op->kept[1]; ++j) {                                                  \
      for (int32_t k = 0; k < op->kept[2]; ++k) {                                                \
        for (int32_t l = 0; l < op->kept[3]; ++l) {                                              \
          const type *const first = x + (i * op->kept_stride[0] + j * op->kept_stride[1] +       \
                                         k * op->kept_stride[2] + l * op->kept_stride[3]);       \
          __VA_ARGS__                                                                            \
        }                                                                                        \
      }                                                                                          \
    }                                                                                            \
  }

/* Once for each run along the innermost reduced axis: `body` sees `run`, its first element. */
#define EDGEC_REDUCE_RUNS(type, ...)                                                                         \
  for (int32_t p = 0; p < op->reduced[0]; ++p) {                                                             \
    for (int32_t q = 0; q < op->reduced[1]; ++q) {                                                           \
      for (int32_t r = 0; r < op->reduced[2]; ++r) {                                                         \
        const type *const run =                                                                              \
            first + (p * op->reduced_stride[0] + q * op->reduced_stride[1] + r * op->reduced_stride[2]);     \
        __VA_ARGS__                                                                                          \
      }                                                                                                      \
    }                                                                                                        \
  }

/* How floats are summed, so that long sums stay accurate: a run along the innermost axis is cut into pieces of at most
   EDGEC_SUM_PIECE elements; a piece is summed from zero in ascending order; the pieces are added with the rounding error
   of each addition kept apart (Neumaier, Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen, 1974).
   Nothing else than the shape decides the order. */
#define EDGEC_SUM_PIECE 64

#define EDGEC_SUM(suffix, type, wide)                                                                              \
  typedef struct {                                                                                                 \
    type sum, error;                                                                                               \
  } edgec_total_##suffix;                                                                                          \
                                                                                                                   \
  EDGEC_INLINE edgec_total_##suffix edgec_total_add_##suffix(edgec_total_##suffix total, type x)                   \
  {                                                                                                                \
    const type sum = total.sum + x;                                                                                \
    const int32_t larger = edgec_magnitude_##suffix(total.sum) >= edgec_magnitude_##suffix(x);                     \
    total.error += larger ? (total.sum - sum) + x : (x - sum) + total.sum;                                         \
    total.sum = sum;                                                                                               \
    return total;                                                                                                  \
  }                                                                                                                \
                                                                                                                   \
  /* Of an infinite sum the error is not a number. */                                                              \
  EDGEC_INLINE type edgec_total_value_##suffix(edgec_total_##suffix total)                                         \
  {                                                                                                                \
    return total.error - total.error == 0 ? total.sum + total.error : total.sum;                                   \
  }

EDGEC_FOR_FLOATS(EDGEC_SUM)

/* Add `term`, an expression of `element`, for a run of elements from `run` on to edgec_total_<suffix> total. */
#define EDGEC_SUM_RUN(suffix, type, extent, stride, term)                           \
  for (int32_t start = 0; start < (extent); start += EDGEC_SUM_PIECE) {             \
    const int32_t left = (extent)-start;                                            \
    const int32_t stop = start + (left < EDGEC_SUM_PIECE ? left : EDGEC_SUM_PIECE); \
    type piece = 0;                                                                 \
    for (int32_t s = start; s < stop; ++s) {                                        \
      const type element = run[s * (stride)];                                       \
      piece += (term);                                                              \
    }                                                                               \
    total = edgec_total_add_##suffix(total, piece);                                 \
  }

/* Define kernel edgec_<name>_<suffix>: `value`, an expression of `sum`, of the sum of `term`, one of `element`. One
   result per index of the axes that are kept, y contiguous. */
#define EDGEC_FLOAT_SUM_KERNEL(name, suffix, type, term, value)                                                    \
  EDGEC_KERNEL void edgec_##name##_##suffix(const edgec_reduce *op, const type *x, type *y)                        \
  {                                                                                                                \
    EDGEC_REDUCE_KEPT(                                                                                             \
        type, edgec_total_##suffix total = {0, 0};                                                                 \
        EDGEC_REDUCE_RUNS(type, EDGEC_SUM_RUN(suffix, type, op->reduced[3], op->reduced_stride[3], term))          \
        const type sum = edgec_total_value_##suffix(total); *y++ = (value);)                                       \
  }

/* The same of integers, which wrap around: `term` is of type `wide`, `value` sees the sum in `type`. */
#define EDGEC_INTEGER_SUM_KERNEL(name, suffix, type, wide, term, value)                                  \
  EDGEC_KERNEL void edgec_##name##_##suffix(const edgec_reduce *op, const type *x, type *y)              \
  {                                                                                                      \
    EDGEC_REDUCE_KEPT(                                                                                   \
        type, wide total = 0; EDGEC_REDUCE_RUNS(type, for (int32_t s = 0; s < op->reduced[3]; ++s) {     \
          const type element = run[s * op->reduced_stride[3]];                                           \
          const wide addend = (wide)(term);                                                              \
          total += addend;                                                                               \
        }) const type sum = (type)total;                                                                 \
        *y++ = (value);)                                                                                 \
  }

/* Define kernel edgec_<name>_<suffix>: all elements joined by edgec_<function>_scalar_<suffix>, from the first one on. */
#define EDGEC_REDUCE_KERNEL(name, function, suffix, type)                                                    \
  EDGEC_KERNEL void edgec_##name##_##suffix(const edgec_reduce *op, const type *x, type *y)              \
  {                                                                                                      \
    EDGEC_REDUCE_KEPT(                                                                                   \
        type, type total = *first; int32_t begin = 1;                                                    \
        EDGEC_REDUCE_RUNS(type, for (int32_t s = begin; s < op->reduced[3]; ++s) {                       \
          total = edgec_##function##_scalar_##suffix(total, run[s * op->reduced_stride[3]]);             \
        } begin = 0;) *y++ = total;)                                                                     \
  }

#endif
