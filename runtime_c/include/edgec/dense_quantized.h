/* Dense, on quantized values: the same matrix over a run of pixels of any length. Also convolution by a 1x1 window. */
#ifndef EDGEC_DENSE_QUANTIZED_H
#define EDGEC_DENSE_QUANTIZED_H

#include "edgec/block_quantized.h"

typedef struct {
  int32_t in_channels;
  int32_t out_channels;
  edgec_factors factors;
  edgec_result result;
} edgec_dense_quantized;

/* Define kernel edgec_dense_<x>_<w>_<sum>_<y>: y[p][o] = code of bias[o] + sum of x[p][i] * w[o][i]. The bias holds
   what the zero point of x adds. weights: [out][in]. */
#define EDGEC_DENSE_QUANTIZED(product, x_type, w_type, s, suffix, type)                                               \
  EDGEC_INLINE void edgec_dense_3x2_##product##_##suffix(                                                             \
      const edgec_dense_quantized *op, const x_type *x, const w_type *weights, const edgec_bias_##s *bias, type *y)   \
  {                                                                                                                   \
    const int32_t in = op->in_channels;                                                                               \
    const int32_t out = op->out_channels;                                                                             \
    for (int32_t next = 0; next < out; next += 2) {                                                                   \
      const int32_t o = next < out - 2 ? next : out - 2;                                                              \
      edgec_sums_3x2_##s sum = edgec_begin_3x2_##s(bias + o);                                                         \
      edgec_accumulate_3x2_##product(&sum, x, in, 0, weights + (ptrdiff_t)o * in, in, 1, 0, in);                      \
      edgec_store_3x2_##s##_##suffix(&sum, &op->factors, &op->result, o, y + o, out);                                 \
    }                                                                                                                 \
  }                                                                                                                   \
                                                                                                                      \
  EDGEC_INLINE void edgec_dense_1x4_##product##_##suffix(                                                             \
      const edgec_dense_quantized *op, const x_type *x, const w_type *weights, const edgec_bias_##s *bias, type *y)   \
  {                                                                                                                   \
    const int32_t in = op->in_channels;                                                                               \
    const int32_t out = op->out_channels;                                                                             \
    for (int32_t next = 0; out >= 4 && next < out; next += 4) {                                                       \
      const int32_t o = next < out - 4 ? next : out - 4;                                                              \
      edgec_sums_1x4_##s sum = edgec_begin_1x4_##s(bias + o);                                                         \
      edgec_accumulate_1x4_##product(&sum, x, in, 0, weights + (ptrdiff_t)o * in, in, 1, 0, in);                      \
      edgec_store_1x4_##s##_##suffix(&sum, &op->factors, &op->result, o, y + o, out);                                 \
    }                                                                                                                 \
    for (int32_t o = 0; out < 4 && o < out; ++o) {                                                                    \
      edgec_sums_1x1_##s sum = edgec_begin_1x1_##s(bias + o);                                                         \
      edgec_accumulate_1x1_##product(&sum, x, in, 0, weights + (ptrdiff_t)o * in, in, 1, 0, in);                      \
      edgec_store_1x1_##s##_##suffix(&sum, &op->factors, &op->result, o, y + o, out);                                 \
    }                                                                                                                 \
  }                                                                                                                   \
                                                                                                                      \
  EDGEC_KERNEL void edgec_dense_##product##_##suffix(                                                                 \
      const edgec_dense_quantized *op, int32_t pixels, const x_type *x, const w_type *weights,                        \
      const edgec_bias_##s *bias, type *y)                                                                            \
  {                                                                                                                   \
    const int32_t whole = op->out_channels < 2 ? 0 : pixels - pixels % 3;                                             \
    for (int32_t p = 0; p < whole; p += 3) {                                                                          \
      edgec_dense_3x2_##product##_##suffix(op, x + (ptrdiff_t)p * op->in_channels, weights, bias,                     \
                                                               y + (ptrdiff_t)p * op->out_channels);                  \
    }                                                                                                                 \
    for (int32_t p = whole; p < pixels; ++p) {                                                                        \
      edgec_dense_1x4_##product##_##suffix(op, x + (ptrdiff_t)p * op->in_channels, weights, bias,                     \
                                                               y + (ptrdiff_t)p * op->out_channels);                  \
    }                                                                                                                 \
  }

#define EDGEC_DENSE_QUANTIZED_RESULTS(product, x_type, w_type, s) \
  EDGEC_TO_QUANTIZED(EDGEC_DENSE_QUANTIZED, product, x_type, w_type, s)

EDGEC_FOR_WEIGHTED_SUMS(EDGEC_DENSE_QUANTIZED_RESULTS)

#endif
