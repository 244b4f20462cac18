/* Sums of products of bytes in vectors with NEON on AArch64, without dot products: 4 sums, two products each at a time. */
#ifndef EDGEC_LANES_I8X4_H
#define EDGEC_LANES_I8X4_H

#include "edgec/lanes_neon.h"

#define EDGEC_LANES_I8(name) edgec_##name##_i8x4_i8
#define EDGEC_ONES {1, 1}

enum { EDGEC_GROUP = 2 };
typedef int8x8_t edgec_spreads;
typedef int8x8_t edgec_packed;

EDGEC_INLINE edgec_spreads edgec_spread(const edgec_input *x)
{
  int16_t two;
  __builtin_memcpy(&two, x, 2);
  return vreinterpret_s8_s16(vdup_n_s16(two));
}

EDGEC_INLINE edgec_vector edgec_dot(edgec_vector sums, edgec_spreads x, edgec_packed w)
{
  return vpadalq_s16(sums, vmull_s8(x, w));
}

EDGEC_INLINE edgec_packed edgec_load_weights(const int8_t *w)
{
  return vld1_s8(w);
}

EDGEC_INLINE edgec_spreads edgec_load_spread(const edgec_input *x)
{
  return vld1_s8(x);
}

EDGEC_INLINE void edgec_interleave(const int8_t *const *rows, edgec_input *to, int32_t count)
{
  for (int32_t i = 0; i < count; i += 16) {
    const int8x16x2_t groups = {{edgec_load_16(rows[0] + i, count - i), edgec_load_16(rows[1] + i, count - i)}};
    vst2q_s8(to + 2 * i, groups);
  }
}

EDGEC_INLINE void edgec_interleave_weights(const int8_t *const *rows, int8_t *to, int32_t count)
{
  edgec_interleave(rows, to, count);
}

#endif
