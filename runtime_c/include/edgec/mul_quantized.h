/* Products of two quantized tensors, with broadcasting. */
#ifndef EDGEC_MUL_QUANTIZED_H
#define EDGEC_MUL_QUANTIZED_H

#include "edgec/binary.h"
#include "edgec/quantized.h"

typedef struct {
  int32_t a_zero;
  int32_t b_zero;
  int32_t multiplier;
  int32_t shift;
  edgec_result result;
} edgec_mul;

#define EDGEC_MUL_QUANTIZED_KERNEL(a_suffix, a_type, b_suffix, b_type, sum, to, to_type)                         \
  EDGEC_INLINE to_type edgec_mul_scalar_##a_suffix##_##b_suffix##_##to(const edgec_mul *mul, a_type a, b_type b) \
  {                                                                                                              \
    const edgec_exact_##sum product = (edgec_exact_##sum)(a - mul->a_zero) * (b - mul->b_zero);                  \
    const int32_t scaled = edgec_rescale_##sum(product, mul->multiplier, mul->shift);                            \
    return (to_type)edgec_code(scaled, mul->result.zero_point, mul->result.low, mul->result.high);               \
  }                                                                                                              \
  EDGEC_KERNEL void edgec_mul_##a_suffix##_##b_suffix##_##to(const edgec_binary *op, const edgec_mul *mul,       \
                                                             const a_type *a, const b_type *b, to_type *y)       \
  {                                                                                                              \
    EDGEC_BINARY_LOOPS(a_type, b_type, edgec_mul_scalar_##a_suffix##_##b_suffix##_##to(mul, *p, *q))             \
  }

#define EDGEC_MUL_QUANTIZED(a_suffix, a_type, b_suffix, b_type, sum) \
  EDGEC_TO_QUANTIZED(EDGEC_MUL_QUANTIZED_KERNEL, a_suffix, a_type, b_suffix, b_type, sum)

EDGEC_FOR_QUANTIZED_PAIRS(EDGEC_MUL_QUANTIZED)

#endif
