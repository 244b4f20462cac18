/* Blocks of sums of products of 16 bits by bytes with the DSP extension, and the codes of 16 bits that become of them.

   As in block_dsp.h, but input is what SMLAD takes, and channels do not share halfwords, as their sums are too large. Sums
   are of 32 bits. Results have no zero point. They are saturated to 16 bits, or to those from 0 on; any other clamp is
   applied to the finished codes. */
#ifndef EDGEC_BLOCK16_DSP_H
#define EDGEC_BLOCK16_DSP_H

#include "edgec/block_dsp.h"

/* r7-r12: as for EDGEC_DSP_CODES. */
#define EDGEC_DSP_CODES16(saturate)                    \
  "ldm r0!, {r1-r6}\n"                                 \
  "smmla r7, r7, r1, r2\n"                             \
  "smmla r8, r8, r1, r2\n"                             \
  "smmla r9, r9, r1, r2\n"                             \
  "smmla r10, r10, r3, r4\n"                           \
  "smmla r11, r11, r3, r4\n"                           \
  "smmla r12, r12, r3, r4\n"                           \
  "ldrd r1, r2, [sp]\n" /* y, out_step */              \
  "asr r7, r7, r5\n"                                   \
  "asr r8, r8, r5\n"                                   \
  "asr r9, r9, r5\n"                                   \
  "asr r10, r10, r6\n"                                 \
  "asr r11, r11, r6\n"                                 \
  "asr r12, r12, r6\n"                                 \
  saturate(r7)                                         \
  saturate(r8)                                         \
  saturate(r9)                                         \
  saturate(r10)                                        \
  saturate(r11)                                        \
  saturate(r12)                                        \
  "add r1, r1, r5, lsr #8\n"                           \
  "pkhbt r7, r7, r10, lsl #16\n"                       \
  "pkhbt r8, r8, r11, lsl #16\n"                       \
  "pkhbt r9, r9, r12, lsl #16\n"                       \
  "str r7, [r1]\n"                                     \
  "str r8, [r1, r2]\n"                                 \
  "str r9, [r1, r2, lsl #1]\n"                         \
  "cmp r6, #0\n"                                       \
  "bpl 1b\n"

#define EDGEC_DSP_SIGNED16(r) "ssat " #r ", #16, " #r "\n"
#define EDGEC_DSP_POSITIVE16(r) "usat " #r ", #15, " #r "\n"

/* The stream, patch and y of edgec_plain_3x2_dsp, of which y, the places of channels and op->out_step are in bytes. */
EDGEC_DSP_BLOCK(plain16, EDGEC_DSP_PLAIN_GROUP, EDGEC_DSP_CODES16(EDGEC_DSP_SIGNED16))
EDGEC_DSP_BLOCK(positive16, EDGEC_DSP_PLAIN_GROUP, EDGEC_DSP_CODES16(EDGEC_DSP_POSITIVE16))

/* Clamp finished codes. */
EDGEC_FUNCTION void edgec_narrow16_dsp(int16_t *y, int32_t count, int32_t low, int32_t high)
{
  for (int16_t *const end = y + count; y != end; ++y) {
    *y = (int16_t)(*y < low ? low : *y > high ? high : *y);
  }
}

/* Where the loop has not done it. */
EDGEC_INLINE void edgec_clamp16_dsp(int32_t low, int32_t high, int16_t *y, int32_t count)
{
  if ((low > INT16_MIN && low != 0) || high < INT16_MAX) {
    edgec_narrow16_dsp(y, count, low, high);
  }
}

/* A word of halfwords from anywhere to anywhere, so many times. */
EDGEC_INLINE void edgec_copy16_dsp(const int16_t *x, int16_t *y, int32_t count)
{
  for (int16_t *const end = y + (count & ~1); y != end; x += 2, y += 2) {
    ((edgec_word_dsp *)(void *)y)->bytes = ((const edgec_word_dsp *)(const void *)x)->bytes;
  }
  if ((count & 1) != 0) {
    *y = *x;
  }
}

#endif
