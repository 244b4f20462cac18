/* Sums of products of bytes in vectors with the dot products of Armv8.2-A: 4 sums, four products each at a time. */
#ifndef EDGEC_LANES_SDOT_H
#define EDGEC_LANES_SDOT_H

#include "edgec/lanes_neon.h"

#define EDGEC_LANES_I8(name) edgec_##name##_sdot_i8
#define EDGEC_ONES {1, 1, 1, 1}

enum { EDGEC_GROUP = 4 };
typedef int8x16_t edgec_spreads;
typedef int8x16_t edgec_packed;

EDGEC_INLINE edgec_spreads edgec_spread(const edgec_input *x)
{
  int32_t four;
  __builtin_memcpy(&four, x, 4);
  return vreinterpretq_s8_s32(vdupq_n_s32(four));
}

EDGEC_INLINE edgec_vector edgec_dot(edgec_vector sums, edgec_spreads x, edgec_packed w)
{
  return vdotq_s32(sums, w, x);
}

EDGEC_INLINE edgec_packed edgec_load_weights(const int8_t *w)
{
  return vld1q_s8(w);
}

EDGEC_INLINE edgec_spreads edgec_load_spread(const edgec_input *x)
{
  return vld1q_s8(x);
}

EDGEC_INLINE void edgec_interleave(const int8_t *const *rows, edgec_input *to, int32_t count)
{
  for (int32_t i = 0; i < count; i += 16) {
    const int8x16x4_t groups = {{edgec_load_16(rows[0] + i, count - i), edgec_load_16(rows[1] + i, count - i),
                                 edgec_load_16(rows[2] + i, count - i), edgec_load_16(rows[3] + i, count - i)}};
    vst4q_s8(to + 4 * i, groups);
  }
}

EDGEC_INLINE void edgec_interleave_weights(const int8_t *const *rows, int8_t *to, int32_t count)
{
  edgec_interleave(rows, to, count);
}

#endif
