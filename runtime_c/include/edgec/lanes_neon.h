/* What sums of products of bytes with NEON on AArch64 have in common, with dot products and without: 4 sums. x in scratch is
   as it is. */
#ifndef EDGEC_LANES_NEON_H
#define EDGEC_LANES_NEON_H

#include <arm_neon.h>

#include "edgec/core.h"

enum { EDGEC_SUMS = 4, EDGEC_OFFSET = 0 };
typedef int32x4_t edgec_vector;
typedef float32x4_t edgec_floats;
typedef int8_t edgec_input;

EDGEC_INLINE edgec_vector edgec_load_sums(const int32_t *x)
{
  return vld1q_s32(x);
}

EDGEC_INLINE void edgec_store_sums(int32_t *y, edgec_vector x)
{
  vst1q_s32(y, x);
}

EDGEC_INLINE edgec_vector edgec_all(int32_t x)
{
  return vdupq_n_s32(x);
}

EDGEC_INLINE int32_t edgec_total(edgec_vector x)
{
  return vaddvq_s32(x);
}

/* `count` bytes, others 0. */
EDGEC_INLINE edgec_vector edgec_load_bytes(const int8_t *x, int32_t count)
{
  int32_t four = 0;
  if (count >= EDGEC_SUMS) {
    __builtin_memcpy(&four, x, 4);
  } else {
    int8_t some[4] = {0};
    for (int32_t i = 0; i < count; ++i) {
      some[i] = x[i];
    }
    __builtin_memcpy(&four, some, 4);
  }
  return vmovl_s16(vget_low_s16(vmovl_s8(vreinterpret_s8_s32(vdup_n_s32(four)))));
}

/* Up to 16 bytes, others 0. */
EDGEC_INLINE int8x16_t edgec_load_16(const int8_t *x, int32_t count)
{
  if (count >= 16) {
    return vld1q_s8(x);
  }
  int8_t some[16] = {0};
  for (int32_t i = 0; i < count; ++i) {
    some[i] = x[i];
  }
  return vld1q_s8(some);
}

typedef struct {
  edgec_vector multiplier, rounding, shift;
} edgec_scales;

EDGEC_INLINE edgec_scales edgec_load_scales(const int32_t *codes)
{
  const edgec_scales scales = {vld1q_s32(codes), vld1q_s32(codes + EDGEC_SUMS), vld1q_s32(codes + 2 * EDGEC_SUMS)};
  return scales;
}

EDGEC_INLINE edgec_vector edgec_rescaled(edgec_vector sums, const edgec_scales *scales)
{
  const int64x2_t low = vmull_s32(vget_low_s32(sums), vget_low_s32(scales->multiplier));
  const int64x2_t high = vmull_high_s32(sums, scales->multiplier);
  const edgec_vector upper = vuzp2q_s32(vreinterpretq_s32_s64(low), vreinterpretq_s32_s64(high));
  return vshlq_s32(vaddq_s32(upper, scales->rounding), vnegq_s32(scales->shift));
}

EDGEC_INLINE edgec_vector edgec_limited(edgec_vector x, int32_t low, int32_t high)
{
  return vminq_s32(vmaxq_s32(x, vdupq_n_s32(low)), vdupq_n_s32(high));
}

EDGEC_INLINE void edgec_store_codes(edgec_vector rescaled, int32_t zero_point, int32_t low, int32_t high, int8_t *y,
                                    int32_t count)
{
  const int16x4_t halfwords = vqmovn_s32(vaddq_s32(rescaled, vdupq_n_s32(zero_point)));
  int8x8_t codes = vqmovn_s16(vcombine_s16(halfwords, halfwords));
  if (low > -128) {
    codes = vmax_s8(codes, vdup_n_s8((int8_t)low));
  }
  if (high < 127) {
    codes = vmin_s8(codes, vdup_n_s8((int8_t)high));
  }
  const int32_t four = vget_lane_s32(vreinterpret_s32_s8(codes), 0);
  if (count >= EDGEC_SUMS) {
    __builtin_memcpy(y, &four, 4);
  } else {
    int8_t some[4];
    __builtin_memcpy(some, &four, 4);
    for (int32_t i = 0; i < count; ++i) {
      y[i] = some[i];
    }
  }
}

EDGEC_INLINE void edgec_widen(const int8_t *x, edgec_input *to, int32_t count)
{
  int32_t i = 0;
  for (; i + 16 <= count; i += 16) {
    vst1q_s8(to + i, vld1q_s8(x + i));
  }
  for (; i < count; ++i) {
    to[i] = x[i];
  }
}

EDGEC_INLINE edgec_floats edgec_load_floats(const float *x, int32_t count)
{
  if (count >= EDGEC_SUMS) {
    return vld1q_f32(x);
  }
  float some[4] = {0.0f, 0.0f, 0.0f, 0.0f};
  for (int32_t i = 0; i < count; ++i) {
    some[i] = x[i];
  }
  return vld1q_f32(some);
}

EDGEC_INLINE void edgec_store_floats(float *y, edgec_floats x, int32_t count)
{
  if (count >= EDGEC_SUMS) {
    vst1q_f32(y, x);
  } else {
    float some[4];
    vst1q_f32(some, x);
    for (int32_t i = 0; i < count; ++i) {
      y[i] = some[i];
    }
  }
}

EDGEC_INLINE edgec_floats edgec_all_floats(float x)
{
  return vdupq_n_f32(x);
}

EDGEC_INLINE edgec_floats edgec_to_floats(edgec_vector x)
{
  return vcvtq_f32_s32(x);
}

EDGEC_INLINE edgec_floats edgec_fused(edgec_floats x, edgec_floats y, edgec_floats z)
{
  return vfmaq_f32(z, x, y);
}

/* What is no number stays none, and becomes 0. */
EDGEC_INLINE edgec_vector edgec_to_integers(edgec_floats x, float low, float high)
{
  return vcvtnq_s32_f32(vminq_f32(vmaxq_f32(x, vdupq_n_f32(low)), vdupq_n_f32(high)));
}

#endif
