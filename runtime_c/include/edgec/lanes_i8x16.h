/* Sums of products of bytes in vectors with AVX-512 (BW): 16 sums, two products each at a time, of halfwords. So x is
   widened in scratch, weights are as they are loaded. */
#ifndef EDGEC_LANES_I8X16_H
#define EDGEC_LANES_I8X16_H

#include "edgec/lanes_avx512.h"

#define EDGEC_LANES_I8(name) edgec_##name##_i8x16_i8
#define EDGEC_ONES {1, 1}

enum { EDGEC_GROUP = 2, EDGEC_OFFSET = 0 };
typedef int16_t edgec_input;

#include "edgec/lanes_x86.h"

EDGEC_INLINE edgec_vector edgec_dot(edgec_vector sums, edgec_vector x, edgec_vector w)
{
  return (edgec_vector)_mm512_add_epi32((__m512i)sums, _mm512_madd_epi16((__m512i)x, (__m512i)w));
}

EDGEC_INLINE edgec_vector edgec_load_weights(const int8_t *w)
{
  return (edgec_vector)_mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)(const void *)w));
}

EDGEC_INLINE edgec_spreads edgec_load_spread(const edgec_input *x)
{
  return (edgec_vector)_mm512_loadu_si512(x);
}

EDGEC_INLINE __m256i edgec_load_32(const int8_t *x, int32_t count)
{
  return count >= 32 ? _mm256_loadu_si256((const __m256i *)(const void *)x)
                     : _mm256_maskz_loadu_epi8((__mmask32)((UINT32_C(1) << count) - 1), x);
}

EDGEC_INLINE void edgec_widen(const int8_t *x, edgec_input *to, int32_t count)
{
  int32_t i = 0;
  for (; i + 32 <= count; i += 32) {
    _mm512_storeu_si512(to + i, _mm512_cvtepi8_epi16(edgec_load_32(x + i, 32)));
  }
  if (i < count) {
    _mm512_mask_storeu_epi16(to + i, (__mmask32)((UINT32_C(1) << (count - i)) - 1),
                             _mm512_cvtepi8_epi16(edgec_load_32(x + i, count - i)));
  }
}

/* Groups 0 .. 15 and 16 .. 31 of bytes of two rows. */
#define EDGEC_PAIRS                                                                           \
  const __m256i a = _mm256_permute4x64_epi64(edgec_load_32(rows[0] + i, count - i), 0xd8);    \
  const __m256i b = _mm256_permute4x64_epi64(edgec_load_32(rows[1] + i, count - i), 0xd8);    \
  const __m256i low = _mm256_unpacklo_epi8(a, b);                                             \
  const __m256i high = _mm256_unpackhi_epi8(a, b);

EDGEC_INLINE void edgec_interleave(const int8_t *const *rows, edgec_input *to, int32_t count)
{
  for (int32_t i = 0; i < count; i += 32) {
    EDGEC_PAIRS
    _mm512_storeu_si512(to + 2 * i, _mm512_cvtepi8_epi16(low));
    _mm512_storeu_si512(to + 2 * i + 32, _mm512_cvtepi8_epi16(high));
  }
}

EDGEC_INLINE void edgec_interleave_weights(const int8_t *const *rows, int8_t *to, int32_t count)
{
  for (int32_t i = 0; i < count; i += 32) {
    EDGEC_PAIRS
    _mm256_storeu_si256((__m256i *)(void *)(to + 2 * i), low);
    _mm256_storeu_si256((__m256i *)(void *)(to + 2 * i + 32), high);
  }
}

#endif
