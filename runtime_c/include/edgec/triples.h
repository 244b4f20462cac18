/* Three pixels in two words: two multiplications by a weight are three products.

   Pixels a, b, c are the words a + 2^21 * c and b + 2^10 * c, and sums of such words by weights are, modulo 2^32, A + 2^21 * C
   and B + 2^10 * C. They tell A, B and C as long as each of them is of 21 bits, and begun at 2^20 none is negative: the first
   word has A and the lower 11 bits of C; what these add to the second word is taken off, and then it has B and, above it, the
   other bits of C. Code generation cuts weights into segments for which it proves that sums are of 21 bits. */
#ifndef EDGEC_TRIPLES_H
#define EDGEC_TRIPLES_H

#include "edgec/patches.h"

#endif
