/* Sums of products of bytes in vectors of AVX-512, and the codes that become of them. */
#ifndef EDGEC_LANES_AVX512_H
#define EDGEC_LANES_AVX512_H

#include <immintrin.h>

#include "edgec/core.h"

enum { EDGEC_SUMS = 16 };
typedef int32_t edgec_vector __attribute__((vector_size(64)));

EDGEC_INLINE edgec_vector edgec_load_sums(const int32_t *x)
{
  return (edgec_vector)_mm512_loadu_si512(x);
}

EDGEC_INLINE void edgec_store_sums(int32_t *y, edgec_vector x)
{
  _mm512_storeu_si512(y, (__m512i)x);
}

EDGEC_INLINE edgec_vector edgec_all(int32_t x)
{
  return (edgec_vector)_mm512_set1_epi32(x);
}

EDGEC_INLINE int32_t edgec_total(edgec_vector x)
{
  return _mm512_reduce_add_epi32((__m512i)x);
}

/* `count` bytes, others 0. */
EDGEC_INLINE edgec_vector edgec_load_bytes(const int8_t *x, int32_t count)
{
  return (edgec_vector)_mm512_cvtepi8_epi32(count >= EDGEC_SUMS ? _mm_loadu_si128((const __m128i *)(const void *)x)
                                                                : _mm_maskz_loadu_epi8((__mmask16)((1u << count) - 1), x));
}

/* What makes codes of sums: parameters of these channels, [multiplier, rounding, shift][EDGEC_SUMS]. */
typedef struct {
  __m512i multiplier, odd; /* of even lanes, and of odd ones */
  edgec_vector rounding, shift;
} edgec_scales;

EDGEC_INLINE edgec_scales edgec_load_scales(const int32_t *codes)
{
  const __m512i multiplier = _mm512_loadu_si512(codes);
  const edgec_scales scales = {multiplier, _mm512_srli_epi64(multiplier, 32), edgec_load_sums(codes + EDGEC_SUMS),
                               edgec_load_sums(codes + 2 * EDGEC_SUMS)};
  return scales;
}

/* (upper half of sum * multiplier + rounding) >> shift */
EDGEC_INLINE edgec_vector edgec_rescaled(edgec_vector sums, const edgec_scales *scales)
{
  const __m512i even = _mm512_mul_epi32((__m512i)sums, scales->multiplier);
  const __m512i odd = _mm512_mul_epi32(_mm512_srli_epi64((__m512i)sums, 32), scales->odd);
  const edgec_vector upper = (edgec_vector)_mm512_mask_shuffle_epi32(odd, 0x5555, even, _MM_PERM_DDBB);
  return (upper + scales->rounding) >> scales->shift;
}

EDGEC_INLINE edgec_vector edgec_limited(edgec_vector x, int32_t low, int32_t high)
{
  return (edgec_vector)_mm512_min_epi32(_mm512_max_epi32((__m512i)x, _mm512_set1_epi32(low)), _mm512_set1_epi32(high));
}

/* y[i] = rescaled[i] + zero_point, within low and high; `count` of them. */
EDGEC_INLINE void edgec_store_codes(edgec_vector rescaled, int32_t zero_point, int32_t low, int32_t high, int8_t *y,
                                    int32_t count)
{
  __m128i codes = _mm512_cvtsepi32_epi8((__m512i)(rescaled + zero_point));
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

/* Sixteen floats. */
typedef float edgec_floats __attribute__((vector_size(64)));

EDGEC_INLINE edgec_floats edgec_load_floats(const float *x, int32_t count)
{
  return (edgec_floats)(count >= EDGEC_SUMS ? _mm512_loadu_ps(x)
                                            : _mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), x));
}

EDGEC_INLINE void edgec_store_floats(float *y, edgec_floats x, int32_t count)
{
  _mm512_mask_storeu_ps(y, (__mmask16)(count >= EDGEC_SUMS ? 0xffffu : (1u << count) - 1u), (__m512)x);
}

EDGEC_INLINE edgec_floats edgec_all_floats(float x)
{
  return (edgec_floats)_mm512_set1_ps(x);
}

EDGEC_INLINE edgec_floats edgec_to_floats(edgec_vector x)
{
  return (edgec_floats)_mm512_cvtepi32_ps((__m512i)x);
}

/* x * y + z, rounded once. */
EDGEC_INLINE edgec_floats edgec_fused(edgec_floats x, edgec_floats y, edgec_floats z)
{
  return (edgec_floats)_mm512_fmadd_ps((__m512)x, (__m512)y, (__m512)z);
}

/* To the nearest integers within low and high, half way to even; what is no number is 0. */
EDGEC_INLINE edgec_vector edgec_to_integers(edgec_floats x, float low, float high)
{
  const __m512 all = (__m512)x;
  const __m512 numbers = _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(all, all, _CMP_ORD_Q), all);
  const __m512 within = _mm512_min_ps(_mm512_max_ps(numbers, _mm512_set1_ps(low)), _mm512_set1_ps(high));
  return (edgec_vector)_mm512_cvt_roundps_epi32(within, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

#if defined(__AVX512VBMI__)
/* A table of 256 bytes, and those of it that 64 bytes number. */
typedef struct {
  __m512i part[4];
} edgec_byte_table;

EDGEC_INLINE edgec_byte_table edgec_load_table(const void *table)
{
  const unsigned char *const bytes = (const unsigned char *)table;
  const edgec_byte_table loaded = {{_mm512_loadu_si512(bytes), _mm512_loadu_si512(bytes + 64),
                                    _mm512_loadu_si512(bytes + 128), _mm512_loadu_si512(bytes + 192)}};
  return loaded;
}

EDGEC_INLINE __m512i edgec_looked_up(const edgec_byte_table *table, __m512i index)
{
  const __m512i low = _mm512_permutex2var_epi8(table->part[0], index, table->part[1]);
  const __m512i high = _mm512_permutex2var_epi8(table->part[2], index, table->part[3]);
  return _mm512_mask_blend_epi8(_mm512_movepi8_mask(index), low, high);
}
#endif

#endif
