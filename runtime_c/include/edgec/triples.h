/* Three pixels in two words: two multiplications by a weight are three products.

   Pixels a, b, c are the words a + 2^21 * c and b + 2^10 * c, and sums of such words by weights are, modulo 2^32, A + 2^21 * C
   and B + 2^10 * C. They tell A, B and C as long as each of them is of 21 bits, and begun at 2^20 none is negative: the first
   word has A and the lower 11 bits of C; what these add to the second word is taken off, and then it has B and, above it, the
   other bits of C. Code generation cuts weights into segments for which it proves that sums are of 21 bits. */
#ifndef EDGEC_TRIPLES_H
#define EDGEC_TRIPLES_H

#include "edgec/patches.h"

/* `count` elements of 6 pixels as words, four for each; returns the place behind them. */
EDGEC_FUNCTION int32_t *edgec_triples_6(const int8_t *const *pixels, int32_t count, int32_t *words)
{
  const int8_t *a = pixels[0];
  const int8_t *b = pixels[1];
  const int8_t *c = pixels[2];
  const int8_t *d = pixels[3];
  const int8_t *e = pixels[4];
  const int8_t *f = pixels[5];
  EDGEC_UNROLL(2)
  for (int32_t i = 0; i < count; ++i) {
    const int32_t second = c[i] * 1024;
    const int32_t fourth = f[i] * 1024;
    *words++ = a[i] + second * 2048;
    *words++ = b[i] + second;
    *words++ = d[i] + fourth * 2048;
    *words++ = e[i] + fourth;
  }
  return words;
}

#endif
