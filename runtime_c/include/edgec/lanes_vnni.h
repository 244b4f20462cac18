/* Sums of products of bytes in vectors with AVX-512 VNNI: 16 sums, four products each at a time, of unsigned bytes by signed
   ones. So x is in scratch with 128 added to it, which the biases take off again. */
#ifndef EDGEC_LANES_VNNI_H
#define EDGEC_LANES_VNNI_H

#include "edgec/lanes_avx512.h"

/* The name of a kernel: that of another family's does not compile. */
#define EDGEC_LANES_I8(name) edgec_##name##_vnni_i8

enum { EDGEC_GROUP = 4, EDGEC_OFFSET = 128 };
#define EDGEC_ONES {1, 1, 1, 1}
typedef uint8_t edgec_input;

#include "edgec/lanes_x86.h"

EDGEC_INLINE edgec_vector edgec_dot(edgec_vector sums, edgec_vector x, edgec_vector w)
{
#if defined(__clang__)
  return (edgec_vector)_mm512_dpbusd_epi32((__m512i)sums, (__m512i)x, (__m512i)w);
#else
  /* gcc 12 keeps the sums of the intrinsic in memory. */
  __asm__("vpdpbusd %2, %1, %0" : "+v"(sums) : "v"(x), "v"(w));
  return sums;
#endif
}

EDGEC_INLINE edgec_vector edgec_load_weights(const int8_t *w)
{
  return (edgec_vector)_mm512_loadu_si512(w);
}

EDGEC_INLINE void edgec_widen(const int8_t *x, edgec_input *to, int32_t count)
{
  const __m512i sign = _mm512_set1_epi8(-128);
  int32_t i = 0;
  for (; i + 64 <= count; i += 64) {
    _mm512_storeu_si512(to + i, _mm512_xor_si512(_mm512_loadu_si512(x + i), sign));
  }
  if (i < count) {
    const __mmask64 some = ~UINT64_C(0) >> (64 - (count - i));
    _mm512_mask_storeu_epi8(to + i, some, _mm512_xor_si512(_mm512_maskz_loadu_epi8(some, x + i), sign));
  }
}

EDGEC_INLINE edgec_spreads edgec_load_spread(const edgec_input *x)
{
  return (edgec_vector)_mm512_loadu_si512(x);
}

/* `count` groups of bytes of four rows, each byte turned over by `sign`. Up to 63 groups behind them are written, too. */
EDGEC_INLINE void edgec_interleave_by(const int8_t *const *rows, void *to, int32_t count, __m512i sign)
{
  /* Words so that unpacking within each 128 bits gives groups in order. */
  const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  int8_t *groups = (int8_t *)to;
  for (int32_t i = 0; i < count; i += 64) {
    const __mmask64 some = count - i < 64 ? ~UINT64_C(0) >> (64 - (count - i)) : ~UINT64_C(0);
    __m512i row[4];
    for (int32_t r = 0; r < 4; ++r) {
      row[r] = _mm512_xor_si512(_mm512_permutexvar_epi32(order, _mm512_maskz_loadu_epi8(some, rows[r] + i)), sign);
    }
    const __m512i even = _mm512_unpacklo_epi8(row[0], row[1]);
    const __m512i odd = _mm512_unpackhi_epi8(row[0], row[1]);
    const __m512i even_high = _mm512_unpacklo_epi8(row[2], row[3]);
    const __m512i odd_high = _mm512_unpackhi_epi8(row[2], row[3]);
    _mm512_storeu_si512(groups, _mm512_unpacklo_epi16(even, even_high));
    _mm512_storeu_si512(groups + 64, _mm512_unpackhi_epi16(even, even_high));
    _mm512_storeu_si512(groups + 128, _mm512_unpacklo_epi16(odd, odd_high));
    _mm512_storeu_si512(groups + 192, _mm512_unpackhi_epi16(odd, odd_high));
    groups += 256;
  }
}

/* Groups of EDGEC_GROUP rows, of x and as weights. Up to 63 groups behind them are written, too. */
EDGEC_INLINE void edgec_interleave(const int8_t *const *rows, edgec_input *to, int32_t count)
{
  edgec_interleave_by(rows, to, count, _mm512_set1_epi8(-128));
}

EDGEC_INLINE void edgec_interleave_weights(const int8_t *const *rows, int8_t *to, int32_t count)
{
  edgec_interleave_by(rows, to, count, _mm512_setzero_si512());
}

#endif
