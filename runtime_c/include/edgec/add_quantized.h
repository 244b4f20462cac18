/* Sums and differences of two quantized tensors, with broadcasting. */
#ifndef EDGEC_ADD_QUANTIZED_H
#define EDGEC_ADD_QUANTIZED_H

#include "edgec/binary.h"
#include "edgec/quantized.h"

/* `begin` makes up for the zero points and for rounding; of a difference b's multiplier is negative. */
typedef struct {
  int32_t a_multiplier;
  int32_t b_multiplier;
  int64_t begin;
  int32_t shift;
  edgec_result result;
} edgec_add;

#define EDGEC_ADD_QUANTIZED_KERNEL(a_suffix, a_type, b_suffix, b_type, sum, to, to_type)                          \
  EDGEC_INLINE to_type edgec_add_scalar_##a_suffix##_##b_suffix##_##to(const edgec_add *sums, a_type a, b_type b) \
  {                                                                                                               \
    const edgec_shared_##sum left = (edgec_shared_##sum)a * (edgec_shared_##sum)sums->a_multiplier;               \
    const edgec_shared_##sum right = (edgec_shared_##sum)b * (edgec_shared_##sum)sums->b_multiplier;              \
    const edgec_shared_##sum total = (edgec_shared_##sum)sums->begin + left + right;                              \
    return (to_type)edgec_shared_code_##sum(total, sums->shift, &sums->result);                                   \
  }                                                                                                               \
  EDGEC_KERNEL void edgec_add_##a_suffix##_##b_suffix##_##to(const edgec_binary *op, const edgec_add *sums,       \
                                                             const a_type *a, const b_type *b, to_type *y)        \
  {                                                                                                               \
    EDGEC_BINARY_LOOPS(a_type, b_type, edgec_add_scalar_##a_suffix##_##b_suffix##_##to(sums, *p, *q))             \
  }

#define EDGEC_ADD_QUANTIZED(a_suffix, a_type, b_suffix, b_type, sum) \
  EDGEC_TO_QUANTIZED(EDGEC_ADD_QUANTIZED_KERNEL, a_suffix, a_type, b_suffix, b_type, sum)

EDGEC_FOR_QUANTIZED_PAIRS(EDGEC_ADD_QUANTIZED)

#endif
