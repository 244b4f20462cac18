/* Vectors of float32 on hosts: AVX-512 (16 lanes, 32 registers), AVX2 with FMA (8 lanes, 16 registers), NEON of AArch64 (4
   lanes, 32 registers). Kernels of these three families are written once, over what stands here.

   Products are fused into sums, and sums may take any order: results are within the tolerance of `edgec verify`, not to the
   bit those of the portable kernels. */
#ifndef EDGEC_LANES_F32_H
#define EDGEC_LANES_F32_H

#include "edgec/core.h"

#if defined(__AVX512F__)

#include <immintrin.h>

typedef __m512 edgec_lanes;
enum { EDGEC_LANES = 16 };
/* The name of a kernel: with flags of another family a model does not compile. */
#define EDGEC_LANES_KERNEL(name) edgec_##name##_f32x16

EDGEC_INLINE edgec_lanes edgec_lanes_all(float x)
{
  return _mm512_set1_ps(x);
}
EDGEC_INLINE edgec_lanes edgec_lanes_load(const float *x)
{
  return _mm512_loadu_ps(x);
}
EDGEC_INLINE void edgec_lanes_store(float *y, edgec_lanes x)
{
  _mm512_storeu_ps(y, x);
}
EDGEC_INLINE edgec_lanes edgec_lanes_load_some(const float *x, int32_t count, float rest)
{
  return _mm512_mask_loadu_ps(_mm512_set1_ps(rest), (__mmask16)((1u << count) - 1), x);
}
EDGEC_INLINE void edgec_lanes_store_some(float *y, edgec_lanes x, int32_t count)
{
  _mm512_mask_storeu_ps(y, (__mmask16)((1u << count) - 1), x);
}
EDGEC_INLINE edgec_lanes edgec_lanes_fma(edgec_lanes a, edgec_lanes b, edgec_lanes sum)
{
  return _mm512_fmadd_ps(a, b, sum);
}
EDGEC_INLINE edgec_lanes edgec_lanes_max(edgec_lanes a, edgec_lanes b)
{
  return _mm512_max_ps(a, b);
}
EDGEC_INLINE edgec_lanes edgec_lanes_min(edgec_lanes a, edgec_lanes b)
{
  return _mm512_min_ps(a, b);
}

EDGEC_INLINE edgec_lanes edgec_lanes_sqrt(edgec_lanes x)
{
  return _mm512_sqrt_ps(x);
}
EDGEC_INLINE edgec_lanes edgec_lanes_scale(edgec_lanes x, edgec_lanes n)
{
  return _mm512_scalef_ps(x, n);
}
EDGEC_INLINE edgec_lanes edgec_lanes_magnitude(edgec_lanes x)
{
  return _mm512_abs_ps(x);
}
EDGEC_INLINE edgec_lanes edgec_lanes_with_sign(edgec_lanes size, edgec_lanes sign)
{
  const __m512i all = _mm512_set1_epi32(0x7fffffff);
  return _mm512_castsi512_ps(_mm512_ternarylogic_epi32(all, _mm512_castps_si512(size), _mm512_castps_si512(sign), 0xca));
}
EDGEC_INLINE edgec_lanes edgec_lanes_if_below(edgec_lanes a, edgec_lanes b, edgec_lanes x, edgec_lanes y)
{
  return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, b, _CMP_LT_OQ), y, x);
}

/* NaN if either is. */
EDGEC_INLINE edgec_lanes edgec_lanes_maximum(edgec_lanes a, edgec_lanes b)
{
  return _mm512_mask_mov_ps(_mm512_max_ps(a, b), _mm512_cmp_ps_mask(a, a, _CMP_UNORD_Q), a);
}
EDGEC_INLINE edgec_lanes edgec_lanes_minimum(edgec_lanes a, edgec_lanes b)
{
  return _mm512_mask_mov_ps(_mm512_min_ps(a, b), _mm512_cmp_ps_mask(a, a, _CMP_UNORD_Q), a);
}

/* The sum and the largest of all lanes. */
EDGEC_INLINE float edgec_lanes_sum(edgec_lanes x)
{
  return _mm512_reduce_add_ps(x);
}
EDGEC_INLINE float edgec_lanes_top(edgec_lanes x)
{
  return _mm512_reduce_max_ps(x);
}

#elif defined(__AVX2__) && defined(__FMA__)

#include <immintrin.h>

typedef __m256 edgec_lanes;
enum { EDGEC_LANES = 8 };
#define EDGEC_LANES_KERNEL(name) edgec_##name##_f32x8

EDGEC_INLINE __m256i edgec_lanes_mask(int32_t count)
{
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
EDGEC_INLINE edgec_lanes edgec_lanes_all(float x)
{
  return _mm256_set1_ps(x);
}
EDGEC_INLINE edgec_lanes edgec_lanes_load(const float *x)
{
  return _mm256_loadu_ps(x);
}
EDGEC_INLINE void edgec_lanes_store(float *y, edgec_lanes x)
{
  _mm256_storeu_ps(y, x);
}
EDGEC_INLINE edgec_lanes edgec_lanes_load_some(const float *x, int32_t count, float rest)
{
  const __m256i mask = edgec_lanes_mask(count);
  return _mm256_blendv_ps(_mm256_set1_ps(rest), _mm256_maskload_ps(x, mask), _mm256_castsi256_ps(mask));
}
EDGEC_INLINE void edgec_lanes_store_some(float *y, edgec_lanes x, int32_t count)
{
  _mm256_maskstore_ps(y, edgec_lanes_mask(count), x);
}
EDGEC_INLINE edgec_lanes edgec_lanes_fma(edgec_lanes a, edgec_lanes b, edgec_lanes sum)
{
  return _mm256_fmadd_ps(a, b, sum);
}
EDGEC_INLINE edgec_lanes edgec_lanes_max(edgec_lanes a, edgec_lanes b)
{
  return _mm256_max_ps(a, b);
}
EDGEC_INLINE edgec_lanes edgec_lanes_min(edgec_lanes a, edgec_lanes b)
{
  return _mm256_min_ps(a, b);
}

EDGEC_INLINE edgec_lanes edgec_lanes_sqrt(edgec_lanes x)
{
  return _mm256_sqrt_ps(x);
}
EDGEC_INLINE edgec_lanes edgec_lanes_scale(edgec_lanes x, edgec_lanes n)
{
  const __m256i whole = _mm256_cvtps_epi32(n);
  const __m256i half = _mm256_srai_epi32(whole, 1);
  const __m256i one = _mm256_set1_epi32(127);
  const __m256i first = _mm256_slli_epi32(_mm256_add_epi32(half, one), 23);
  const __m256i rest = _mm256_slli_epi32(_mm256_add_epi32(_mm256_sub_epi32(whole, half), one), 23);
  return x * _mm256_castsi256_ps(first) * _mm256_castsi256_ps(rest);
}
EDGEC_INLINE edgec_lanes edgec_lanes_magnitude(edgec_lanes x)
{
  return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), x);
}
EDGEC_INLINE edgec_lanes edgec_lanes_with_sign(edgec_lanes size, edgec_lanes sign)
{
  const __m256 bit = _mm256_set1_ps(-0.0f);
  return _mm256_or_ps(_mm256_andnot_ps(bit, size), _mm256_and_ps(bit, sign));
}
EDGEC_INLINE edgec_lanes edgec_lanes_if_below(edgec_lanes a, edgec_lanes b, edgec_lanes x, edgec_lanes y)
{
  return _mm256_blendv_ps(y, x, _mm256_cmp_ps(a, b, _CMP_LT_OQ));
}

EDGEC_INLINE edgec_lanes edgec_lanes_maximum(edgec_lanes a, edgec_lanes b)
{
  return _mm256_blendv_ps(_mm256_max_ps(a, b), a, _mm256_cmp_ps(a, a, _CMP_UNORD_Q));
}
EDGEC_INLINE edgec_lanes edgec_lanes_minimum(edgec_lanes a, edgec_lanes b)
{
  return _mm256_blendv_ps(_mm256_min_ps(a, b), a, _mm256_cmp_ps(a, a, _CMP_UNORD_Q));
}

EDGEC_INLINE float edgec_lanes_sum(edgec_lanes x)
{
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}
EDGEC_INLINE float edgec_lanes_top(edgec_lanes x)
{
  const __m128 four = _mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
  const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
}

#elif defined(__ARM_NEON) && defined(__aarch64__)

#include <arm_neon.h>

typedef float32x4_t edgec_lanes;
enum { EDGEC_LANES = 4 };
#define EDGEC_LANES_KERNEL(name) edgec_##name##_f32x4

EDGEC_INLINE edgec_lanes edgec_lanes_all(float x)
{
  return vdupq_n_f32(x);
}
EDGEC_INLINE edgec_lanes edgec_lanes_load(const float *x)
{
  return vld1q_f32(x);
}
EDGEC_INLINE void edgec_lanes_store(float *y, edgec_lanes x)
{
  vst1q_f32(y, x);
}
EDGEC_INLINE edgec_lanes edgec_lanes_load_some(const float *x, int32_t count, float rest)
{
  edgec_lanes some = vdupq_n_f32(rest);
  if (count >= 4) {
    return vld1q_f32(x);
  }
  if (count > 0) {
    some = vld1q_lane_f32(x, some, 0);
  }
  if (count > 1) {
    some = vld1q_lane_f32(x + 1, some, 1);
  }
  return count > 2 ? vld1q_lane_f32(x + 2, some, 2) : some;
}
EDGEC_INLINE void edgec_lanes_store_some(float *y, edgec_lanes x, int32_t count)
{
  if (count >= 4) {
    vst1q_f32(y, x);
    return;
  }
  if (count > 0) {
    vst1q_lane_f32(y, x, 0);
  }
  if (count > 1) {
    vst1q_lane_f32(y + 1, x, 1);
  }
  if (count > 2) {
    vst1q_lane_f32(y + 2, x, 2);
  }
}
EDGEC_INLINE edgec_lanes edgec_lanes_fma(edgec_lanes a, edgec_lanes b, edgec_lanes sum)
{
  return vfmaq_f32(sum, a, b);
}
EDGEC_INLINE edgec_lanes edgec_lanes_max(edgec_lanes a, edgec_lanes b)
{
  return vmaxq_f32(a, b);
}
EDGEC_INLINE edgec_lanes edgec_lanes_min(edgec_lanes a, edgec_lanes b)
{
  return vminq_f32(a, b);
}

EDGEC_INLINE edgec_lanes edgec_lanes_sqrt(edgec_lanes x)
{
  return vsqrtq_f32(x);
}
EDGEC_INLINE edgec_lanes edgec_lanes_scale(edgec_lanes x, edgec_lanes n)
{
  const int32x4_t whole = vcvtq_s32_f32(n);
  const int32x4_t half = vshrq_n_s32(whole, 1);
  const int32x4_t one = vdupq_n_s32(127);
  const int32x4_t first = vshlq_n_s32(vaddq_s32(half, one), 23);
  const int32x4_t rest = vshlq_n_s32(vaddq_s32(vsubq_s32(whole, half), one), 23);
  return vmulq_f32(vmulq_f32(x, vreinterpretq_f32_s32(first)), vreinterpretq_f32_s32(rest));
}
EDGEC_INLINE edgec_lanes edgec_lanes_magnitude(edgec_lanes x)
{
  return vabsq_f32(x);
}
EDGEC_INLINE edgec_lanes edgec_lanes_with_sign(edgec_lanes size, edgec_lanes sign)
{
  return vbslq_f32(vdupq_n_u32(0x80000000u), sign, size);
}
EDGEC_INLINE edgec_lanes edgec_lanes_if_below(edgec_lanes a, edgec_lanes b, edgec_lanes x, edgec_lanes y)
{
  return vbslq_f32(vcltq_f32(a, b), x, y);
}

EDGEC_INLINE edgec_lanes edgec_lanes_maximum(edgec_lanes a, edgec_lanes b)
{
  return vmaxq_f32(a, b);
}
EDGEC_INLINE edgec_lanes edgec_lanes_minimum(edgec_lanes a, edgec_lanes b)
{
  return vminq_f32(a, b);
}

EDGEC_INLINE float edgec_lanes_sum(edgec_lanes x)
{
  return vaddvq_f32(x);
}
EDGEC_INLINE float edgec_lanes_top(edgec_lanes x)
{
  return vmaxvq_f32(x);
}

#else
#error "these kernels are for AVX-512, AVX2 with FMA, or NEON of AArch64: compile with the flags of the target's file"
#endif

/* The first `count` of a vector's lanes in memory, the others 0 or `rest`; a count that is all of them is an ordinary access. */
EDGEC_INLINE edgec_lanes edgec_lanes_get_else(const float *x, int32_t count, float rest)
{
  return count >= EDGEC_LANES ? edgec_lanes_load(x) : edgec_lanes_load_some(x, count, rest);
}
EDGEC_INLINE edgec_lanes edgec_lanes_get(const float *x, int32_t count)
{
  return count >= EDGEC_LANES ? edgec_lanes_load(x) : edgec_lanes_load_some(x, count, 0.0f);
}
EDGEC_INLINE void edgec_lanes_put(float *y, edgec_lanes x, int32_t count)
{
  if (count >= EDGEC_LANES) {
    edgec_lanes_store(y, x);
  } else {
    edgec_lanes_store_some(y, x, count);
  }
}

/* min(max(x, low), high); NaN stays NaN. A limit that is a constant infinity costs nothing. */
EDGEC_INLINE edgec_lanes edgec_lanes_clamp(edgec_lanes x, float low, float high)
{
  const edgec_lanes raised = low > -EDGEC_INFINITY ? edgec_lanes_max(edgec_lanes_all(low), x) : x;
  return high < EDGEC_INFINITY ? edgec_lanes_min(edgec_lanes_all(high), raised) : raised;
}

/* m(0, a) ... m(n - 1, a): for blocks of named registers, because gcc 12 keeps arrays of them in memory. */
#define EDGEC_EACH_1(m, a) m(0, a)
#define EDGEC_EACH_2(m, a) EDGEC_EACH_1(m, a) m(1, a)
#define EDGEC_EACH_3(m, a) EDGEC_EACH_2(m, a) m(2, a)
#define EDGEC_EACH_4(m, a) EDGEC_EACH_3(m, a) m(3, a)
#define EDGEC_EACH_5(m, a) EDGEC_EACH_4(m, a) m(4, a)
#define EDGEC_EACH_6(m, a) EDGEC_EACH_5(m, a) m(5, a)
#define EDGEC_EACH_7(m, a) EDGEC_EACH_6(m, a) m(6, a)
#define EDGEC_EACH_8(m, a) EDGEC_EACH_7(m, a) m(7, a)
#define EDGEC_EACH_9(m, a) EDGEC_EACH_8(m, a) m(8, a)
#define EDGEC_EACH_10(m, a) EDGEC_EACH_9(m, a) m(9, a)
#define EDGEC_EACH_11(m, a) EDGEC_EACH_10(m, a) m(10, a)
#define EDGEC_EACH_12(m, a) EDGEC_EACH_11(m, a) m(11, a)
#define EDGEC_EACH_13(m, a) EDGEC_EACH_12(m, a) m(12, a)
#define EDGEC_EACH_14(m, a) EDGEC_EACH_13(m, a) m(13, a)
#define EDGEC_EACH_15(m, a) EDGEC_EACH_14(m, a) m(14, a)
#define EDGEC_EACH_16(m, a) EDGEC_EACH_15(m, a) m(15, a)

#endif
