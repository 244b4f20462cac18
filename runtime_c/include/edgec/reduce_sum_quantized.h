/* Sums and means of quantized values over axes. */
#ifndef EDGEC_REDUCE_SUM_QUANTIZED_H
#define EDGEC_REDUCE_SUM_QUANTIZED_H

#include "edgec/quantized.h"
#include "edgec/reduce.h"

/* `begin` makes up for the zero points of all elements; of a mean the count is in the multiplier. */
typedef struct {
  int64_t begin;
  int32_t multiplier;
  int32_t shift;
  edgec_result result;
} edgec_reduce_sum;

#define EDGEC_REDUCE_SUM_QUANTIZED_KERNEL(suffix, type, sum, to, to_type)                                          \
  EDGEC_KERNEL void edgec_reduce_sum_##suffix##_##sum##_##to(const edgec_reduce *op, const edgec_reduce_sum *sums, \
                                                             const type *x, to_type *y)                            \
  {                                                                                                                \
    const edgec_result *const result = &sums->result;                                                              \
    EDGEC_REDUCE_KEPT(                                                                                             \
        type, edgec_exact_##sum total = (edgec_exact_##sum)sums->begin;                                            \
        EDGEC_REDUCE_RUNS(type, for (int32_t s = 0; s < op->reduced[3]; ++s) {                                     \
          total += run[s * op->reduced_stride[3]];                                                                 \
        }) const int32_t scaled = edgec_rescale_##sum(total, sums->multiplier, sums->shift);                       \
        *y++ = (to_type)edgec_code(scaled, result->zero_point, result->low, result->high);)                        \
  }

#define EDGEC_REDUCE_SUM_QUANTIZED(suffix, type, sum) \
  EDGEC_TO_QUANTIZED(EDGEC_REDUCE_SUM_QUANTIZED_KERNEL, suffix, type, sum)

EDGEC_FOR_QUANTIZED_SUMS(EDGEC_REDUCE_SUM_QUANTIZED)

#endif
