/* Sums of products of bytes in vectors with AVX2: 8 sums, two products each at a time, of halfwords. So x is widened in
   scratch, weights are as they are loaded. */
#ifndef EDGEC_LANES_I8X8_H
#define EDGEC_LANES_I8X8_H

#include <immintrin.h>

#include "edgec/core.h"

#define EDGEC_LANES_I8(name) edgec_##name##_i8x8_i8
#define EDGEC_ONES {1, 1}

enum { EDGEC_SUMS = 8, EDGEC_GROUP = 2, EDGEC_OFFSET = 0 };
typedef int32_t edgec_vector __attribute__((vector_size(32)));
typedef float edgec_floats __attribute__((vector_size(32)));
typedef int16_t edgec_input;

EDGEC_INLINE edgec_vector edgec_load_sums(const int32_t *x)
{
  return (edgec_vector)_mm256_loadu_si256((const __m256i *)(const void *)x);
}

EDGEC_INLINE void edgec_store_sums(int32_t *y, edgec_vector x)
{
  _mm256_storeu_si256((__m256i *)(void *)y, (__m256i)x);
}

EDGEC_INLINE edgec_vector edgec_all(int32_t x)
{
  return (edgec_vector)_mm256_set1_epi32(x);
}

EDGEC_INLINE int32_t edgec_total(edgec_vector x)
{
  return x[0] + x[1] + x[2] + x[3] + x[4] + x[5] + x[6] + x[7];
}

/* Up to 16 bytes, others 0. */
EDGEC_INLINE __m128i edgec_load_16(const int8_t *x, int32_t count)
{
  if (count >= 16) {
    return _mm_loadu_si128((const __m128i *)(const void *)x);
  }
  int8_t some[16] = {0};
  for (int32_t i = 0; i < count; ++i) {
    some[i] = x[i];
  }
  return _mm_loadu_si128((const __m128i *)(const void *)some);
}

EDGEC_INLINE edgec_vector edgec_load_bytes(const int8_t *x, int32_t count)
{
  return (edgec_vector)_mm256_cvtepi8_epi32(count >= EDGEC_SUMS ? _mm_loadl_epi64((const __m128i *)(const void *)x)
                                                                : edgec_load_16(x, count));
}

typedef struct {
  __m256i multiplier, odd; /* of even lanes, and of odd ones */
  edgec_vector rounding, shift;
} edgec_scales;

EDGEC_INLINE edgec_scales edgec_load_scales(const int32_t *codes)
{
  const __m256i multiplier = (__m256i)edgec_load_sums(codes);
  const edgec_scales scales = {multiplier, _mm256_srli_epi64(multiplier, 32), edgec_load_sums(codes + EDGEC_SUMS),
                               edgec_load_sums(codes + 2 * EDGEC_SUMS)};
  return scales;
}

EDGEC_INLINE edgec_vector edgec_rescaled(edgec_vector sums, const edgec_scales *scales)
{
  const __m256i even = _mm256_mul_epi32((__m256i)sums, scales->multiplier);
  const __m256i odd = _mm256_mul_epi32(_mm256_srli_epi64((__m256i)sums, 32), scales->odd);
  const edgec_vector upper = (edgec_vector)_mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xaa);
  return (upper + scales->rounding) >> scales->shift;
}

EDGEC_INLINE edgec_vector edgec_limited(edgec_vector x, int32_t low, int32_t high)
{
  return (edgec_vector)_mm256_min_epi32(_mm256_max_epi32((__m256i)x, _mm256_set1_epi32(low)), _mm256_set1_epi32(high));
}

EDGEC_INLINE void edgec_store_codes(edgec_vector rescaled, int32_t zero_point, int32_t low, int32_t high, int8_t *y,
                                    int32_t count)
{
  const __m256i sums = (__m256i)(rescaled + zero_point);
  const __m128i halfwords = _mm_packs_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
  __m128i codes = _mm_packs_epi16(halfwords, halfwords);
  if (low > -128) {
    codes = _mm_max_epi8(codes, _mm_set1_epi8((char)low));
  }
  if (high < 127) {
    codes = _mm_min_epi8(codes, _mm_set1_epi8((char)high));
  }
  if (count >= EDGEC_SUMS) {
    _mm_storel_epi64((__m128i *)(void *)y, codes);
  } else {
    int8_t some[EDGEC_SUMS];
    _mm_storel_epi64((__m128i *)(void *)some, codes);
    for (int32_t i = 0; i < count; ++i) {
      y[i] = some[i];
    }
  }
}

#include "edgec/lanes_x86.h"

EDGEC_INLINE edgec_vector edgec_dot(edgec_vector sums, edgec_vector x, edgec_vector w)
{
  return (edgec_vector)_mm256_add_epi32((__m256i)sums, _mm256_madd_epi16((__m256i)x, (__m256i)w));
}

EDGEC_INLINE edgec_vector edgec_load_weights(const int8_t *w)
{
  return (edgec_vector)_mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(const void *)w));
}

EDGEC_INLINE edgec_spreads edgec_load_spread(const edgec_input *x)
{
  return (edgec_vector)_mm256_loadu_si256((const __m256i *)(const void *)x);
}

EDGEC_INLINE void edgec_widen(const int8_t *x, edgec_input *to, int32_t count)
{
  int32_t i = 0;
  for (; i + 16 <= count; i += 16) {
    _mm256_storeu_si256((__m256i *)(void *)(to + i), _mm256_cvtepi8_epi16(edgec_load_16(x + i, 16)));
  }
  for (; i < count; ++i) {
    to[i] = x[i];
  }
}

EDGEC_INLINE void edgec_interleave(const int8_t *const *rows, edgec_input *to, int32_t count)
{
  for (int32_t i = 0; i < count; i += 16) {
    const __m128i a = edgec_load_16(rows[0] + i, count - i);
    const __m128i b = edgec_load_16(rows[1] + i, count - i);
    __m256i *const at = (__m256i *)(void *)(to + 2 * i);
    _mm256_storeu_si256(at, _mm256_cvtepi8_epi16(_mm_unpacklo_epi8(a, b)));
    _mm256_storeu_si256(at + 1, _mm256_cvtepi8_epi16(_mm_unpackhi_epi8(a, b)));
  }
}

EDGEC_INLINE void edgec_interleave_weights(const int8_t *const *rows, int8_t *to, int32_t count)
{
  for (int32_t i = 0; i < count; i += 16) {
    const __m128i a = edgec_load_16(rows[0] + i, count - i);
    const __m128i b = edgec_load_16(rows[1] + i, count - i);
    __m128i *const at = (__m128i *)(void *)(to + 2 * i);
    _mm_storeu_si128(at, _mm_unpacklo_epi8(a, b));
    _mm_storeu_si128(at + 1, _mm_unpackhi_epi8(a, b));
  }
}

EDGEC_INLINE __m256i edgec_first(int32_t count)
{
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

EDGEC_INLINE edgec_floats edgec_load_floats(const float *x, int32_t count)
{
  return (edgec_floats)(count >= EDGEC_SUMS ? _mm256_loadu_ps(x) : _mm256_maskload_ps(x, edgec_first(count)));
}

EDGEC_INLINE void edgec_store_floats(float *y, edgec_floats x, int32_t count)
{
  if (count >= EDGEC_SUMS) {
    _mm256_storeu_ps(y, (__m256)x);
  } else {
    _mm256_maskstore_ps(y, edgec_first(count), (__m256)x);
  }
}

EDGEC_INLINE edgec_floats edgec_all_floats(float x)
{
  return (edgec_floats)_mm256_set1_ps(x);
}

EDGEC_INLINE edgec_floats edgec_to_floats(edgec_vector x)
{
  return (edgec_floats)_mm256_cvtepi32_ps((__m256i)x);
}

EDGEC_INLINE edgec_floats edgec_fused(edgec_floats x, edgec_floats y, edgec_floats z)
{
  return (edgec_floats)_mm256_fmadd_ps((__m256)x, (__m256)y, (__m256)z);
}

EDGEC_INLINE edgec_vector edgec_to_integers(edgec_floats x, float low, float high)
{
  const __m256 all = (__m256)x;
  const __m256 numbers = _mm256_and_ps(_mm256_cmp_ps(all, all, _CMP_ORD_Q), all);
  const __m256 within = _mm256_min_ps(_mm256_max_ps(numbers, _mm256_set1_ps(low)), _mm256_set1_ps(high));
  return (edgec_vector)_mm256_cvtps_epi32(within);
}

#endif
