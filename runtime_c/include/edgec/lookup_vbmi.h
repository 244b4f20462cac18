/* Elementwise functions of bytes as tables of 256 results, by AVX-512 VBMI: 64 lookups take three instructions. */
#ifndef EDGEC_LOOKUP_VBMI_H
#define EDGEC_LOOKUP_VBMI_H

#include "edgec/lanes_i8.h"

/* Over a run of elements. table: the result of byte 0 first. y may be x. */
EDGEC_KERNEL void edgec_lookup_vbmi_8(const void *x, const void *table, void *y, int32_t count)
{
  const unsigned char *const from = (const unsigned char *)x;
  unsigned char *const to = (unsigned char *)y;
  const edgec_byte_table loaded = edgec_load_table(table);
  int32_t i = 0;
  for (; i + 64 <= count; i += 64) {
    _mm512_storeu_si512(to + i, edgec_looked_up(&loaded, _mm512_loadu_si512(from + i)));
  }
  if (i < count) {
    const __mmask64 some = ~UINT64_C(0) >> (64 - (count - i));
    _mm512_mask_storeu_epi8(to + i, some, edgec_looked_up(&loaded, _mm512_maskz_loadu_epi8(some, from + i)));
  }
}

#endif
