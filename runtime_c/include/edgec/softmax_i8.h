/* Softmax of bytes along the last axis, on hosts: edgec/softmax_quantized.h by vectors. */
#ifndef EDGEC_SOFTMAX_I8_H
#define EDGEC_SOFTMAX_I8_H

#include "edgec/elementwise_i8.h"

typedef struct {
  const int32_t *exponential; /* of what a byte is below the largest one */
  int64_t scaled;
  edgec_codes_i8 codes; /* without a multiplier */
} edgec_softmax_i8;

#if defined(__AVX512VBMI__)

/* Bytes 0 .. 3 of exponentials by tables of bytes: 64 lookups take three instructions. */
typedef struct {
  edgec_byte_table byte[4];
} edgec_exponentials;

EDGEC_INLINE void edgec_exponentials_of(const int32_t *exponential, edgec_exponentials *table)
{
  uint8_t bytes[256];
  for (int32_t b = 0; b < 4; ++b) {
    for (int32_t i = 0; i < 256; ++i) {
      bytes[i] = (uint8_t)((uint32_t)exponential[i] >> 8 * b);
    }
    table->byte[b] = edgec_load_table(bytes);
  }
}

/* exponential[top - x[i]] in order, by 64; behind the last one anything. Returns their sum. */
EDGEC_INLINE int64_t edgec_exponentiate(const edgec_exponentials *table, int32_t top, const int8_t *x, int32_t count,
                                        int32_t *e)
{
  const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  const __m512i all = _mm512_set1_epi8((char)top);
  edgec_vector low = edgec_all(0);
  edgec_vector high = edgec_all(0);
  for (int32_t i = 0; i < count; i += 64) {
    const __mmask64 some = count - i < 64 ? ~UINT64_C(0) >> (64 - (count - i)) : ~UINT64_C(0);
    const __m512i below = _mm512_permutexvar_epi32(order, _mm512_sub_epi8(all, _mm512_maskz_loadu_epi8(some, x + i)));
    const __mmask64 mask = _mm512_movepi8_mask(_mm512_permutexvar_epi32(order, _mm512_movm_epi8(some)));
    __m512i byte[4];
    for (int32_t b = 0; b < 4; ++b) {
      byte[b] = _mm512_maskz_mov_epi8(mask, edgec_looked_up(&table->byte[b], below));
    }
    const __m512i first = _mm512_unpacklo_epi8(byte[0], byte[1]);
    const __m512i second = _mm512_unpackhi_epi8(byte[0], byte[1]);
    const __m512i third = _mm512_unpacklo_epi8(byte[2], byte[3]);
    const __m512i fourth = _mm512_unpackhi_epi8(byte[2], byte[3]);
    const edgec_vector four[4] = {
      (edgec_vector)_mm512_unpacklo_epi16(first, third), (edgec_vector)_mm512_unpackhi_epi16(first, third),
      (edgec_vector)_mm512_unpacklo_epi16(second, fourth), (edgec_vector)_mm512_unpackhi_epi16(second, fourth)};
    for (int32_t v = 0; v < 4; ++v) {
      edgec_store_sums(e + i + 16 * v, four[v]);
      low += four[v] & 0xffff;
      high += four[v] >> 16;
    }
  }
  return edgec_total(low) + ((int64_t)edgec_total(high) << 16);
}

EDGEC_INLINE int32_t edgec_largest(const int8_t *x, int32_t count)
{
  __m512i top = _mm512_set1_epi8(-128);
  for (int32_t i = 0; i < count; i += 64) {
    const __mmask64 some = count - i < 64 ? ~UINT64_C(0) >> (64 - (count - i)) : ~UINT64_C(0);
    top = _mm512_max_epi8(top, _mm512_mask_loadu_epi8(top, some, x + i));
  }
  const __m256i half = _mm256_max_epi8(_mm512_castsi512_si256(top), _mm512_extracti64x4_epi64(top, 1));
  __m128i quarter = _mm_max_epi8(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
  quarter = _mm_max_epi8(quarter, _mm_srli_si128(quarter, 8));
  quarter = _mm_max_epi8(quarter, _mm_srli_si128(quarter, 4));
  quarter = _mm_max_epi8(quarter, _mm_srli_si128(quarter, 2));
  quarter = _mm_max_epi8(quarter, _mm_srli_si128(quarter, 1));
  return (int8_t)_mm_cvtsi128_si32(quarter);
}

#else

typedef struct {
  const int32_t *exponential;
} edgec_exponentials;

EDGEC_INLINE void edgec_exponentials_of(const int32_t *exponential, edgec_exponentials *table)
{
  table->exponential = exponential;
}

EDGEC_INLINE int64_t edgec_exponentiate(const edgec_exponentials *table, int32_t top, const int8_t *x, int32_t count,
                                        int32_t *e)
{
  int64_t sum = 0;
  for (int32_t i = 0; i < count; ++i) {
    e[i] = table->exponential[top - x[i]];
    sum += e[i];
  }
  return sum;
}

EDGEC_INLINE int32_t edgec_largest(const int8_t *x, int32_t count)
{
  int32_t top = x[0];
  for (int32_t i = 1; i < count; ++i) {
    top = x[i] > top ? x[i] : top;
  }
  return top;
}

#endif

/* scratch: `count` exponentials, and 64 more. */
EDGEC_KERNEL void EDGEC_LANES_I8(softmax)(const edgec_softmax_i8 *op, int32_t lines, int32_t count, const int8_t *x,
                                          int8_t *y, void *scratch)
{
  int32_t *const e = (int32_t *)scratch;
  edgec_exponentials table;
  edgec_exponentials_of(op->exponential, &table);
  for (int32_t line = 0; line < lines; ++line) {
    const int64_t sum = edgec_exponentiate(&table, edgec_largest(x, count), x, count, e);
    edgec_codes_i8 codes = op->codes;
    codes.multiplier = (int32_t)(op->scaled / sum);
    const edgec_scales scales = edgec_scales_all(&codes);
    EDGEC_EACH_VECTOR(count) {
      edgec_coded(&codes, &scales, edgec_load_sums(e + i), y + i, n);
    }
    x += count;
    y += count;
  }
}

#endif
