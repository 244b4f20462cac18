/* Sums of products of bytes in vectors of AVX-512, and the codes that become of them. */
#ifndef EDGEC_LANES_AVX512_H
#define EDGEC_LANES_AVX512_H

#include <immintrin.h>

#include "edgec/core.h"

enum { EDGEC_SUMS = 16 };
typedef __m512i edgec_vector;

EDGEC_INLINE edgec_vector edgec_load_sums(const int32_t *x)
{
  return _mm512_loadu_si512(x);
}

/* What makes codes of sums: parameters of these channels, [multiplier, rounding, shift][EDGEC_SUMS]. */
typedef struct {
  __m512i even, odd, rounding, shift;
} edgec_scales;

EDGEC_INLINE edgec_scales edgec_load_scales(const int32_t *codes)
{
  const __m512i multiplier = _mm512_loadu_si512(codes);
  const edgec_scales scales = {multiplier, _mm512_srli_epi64(multiplier, 32), _mm512_loadu_si512(codes + EDGEC_SUMS),
                               _mm512_loadu_si512(codes + 2 * EDGEC_SUMS)};
  return scales;
}

/* (upper half of sum * multiplier + rounding) >> shift */
EDGEC_INLINE edgec_vector edgec_rescaled(edgec_vector sums, const edgec_scales *scales)
{
  const __m512i even = _mm512_mul_epi32(sums, scales->even);
  const __m512i odd = _mm512_mul_epi32(_mm512_srli_epi64(sums, 32), scales->odd);
  const __m512i upper = _mm512_mask_shuffle_epi32(odd, 0x5555, even, _MM_PERM_DDBB);
  return _mm512_srav_epi32(_mm512_add_epi32(upper, scales->rounding), scales->shift);
}

/* y[i] = rescaled[i] + zero_point, within low and high; `count` of them. */
EDGEC_INLINE void edgec_store_codes(edgec_vector rescaled, int32_t zero_point, int32_t low, int32_t high, int8_t *y,
                                    int32_t count)
{
  __m128i codes = _mm512_cvtsepi32_epi8(_mm512_add_epi32(rescaled, _mm512_set1_epi32(zero_point)));
  if (low > -128) {
    codes = _mm_max_epi8(codes, _mm_set1_epi8((char)low));
  }
  if (high < 127) {
    codes = _mm_min_epi8(codes, _mm_set1_epi8((char)high));
  }
  if (count >= EDGEC_SUMS) {
    _mm_storeu_si128((__m128i *)(void *)y, codes);
  } else {
    _mm_mask_storeu_epi8(y, (__mmask16)((1u << count) - 1), codes);
  }
}

#endif
