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

/* Four taps of 3 pixels: 19 instructions, 24 products. */
#define EDGEC_DSP_GROUP16         \
  "ldm r0!, {r2, r3}\n"           \
  "ldm r1!, {r4, r5, r6}\n"       \
  "sxtb16 lr, r2\n"               \
  "smlad r7, lr, r4, r7\n"        \
  "smlad r8, lr, r5, r8\n"        \
  "smlad r9, lr, r6, r9\n"        \
  "sxtb16 lr, r3\n"               \
  "smlad r10, lr, r4, r10\n"      \
  "smlad r11, lr, r5, r11\n"      \
  "smlad r12, lr, r6, r12\n"      \
  "ldm r1!, {r4, r5, r6}\n"       \
  "sxtb16 r2, r2, ror #8\n"       \
  "smlad r7, r2, r4, r7\n"        \
  "smlad r8, r2, r5, r8\n"        \
  "smlad r9, r2, r6, r9\n"        \
  "sxtb16 r3, r3, ror #8\n"       \
  "smlad r10, r3, r4, r10\n"      \
  "smlad r11, r3, r5, r11\n"      \
  "smlad r12, r3, r6, r12\n"

/* The stream, patch and y of edgec_plain_3x2_dsp, of which y, the places of channels and op->out_step are in bytes. */
#define EDGEC_DSP_BLOCK16(name, saturate)                                                                            \
  EDGEC_ASSEMBLY void edgec_##name##_3x2_dsp(EDGEC_ARGUMENT const uint32_t *stream,                                  \
                                             EDGEC_ARGUMENT const int16_t *patch, EDGEC_ARGUMENT int8_t *y,          \
                                             EDGEC_ARGUMENT const edgec_block_dsp *op,                               \
                                             EDGEC_ARGUMENT int32_t blocks)                                          \
  {                                                                                                                  \
    __asm__("push {r4-r11, lr}\n"                                                                                    \
            "ldr r7, [sp, #36]\n"                                                                                    \
            "sub sp, #28\n" /* y, out_step, patch, its end, stream, blocks, where the loop is entered */             \
            "strd r0, r7, [sp, #16]\n"                                                                               \
            "ldrd r4, r5, [r3, #16]\n" /* groups, out_step */                                                        \
            "strd r2, r5, [sp]\n"                                                                                    \
            "add lr, r4, r4, lsl #1\n"                                                                               \
            "add lr, r1, lr, lsl #3\n"                                                                               \
            "str r1, [sp, #8]\n"                                                                                     \
            "rsb r4, r4, #0\n" /* four groups a turn, of the first so many that the last ends with the patch */      \
            "and r4, r4, #3\n"                                                                                       \
            "adr.w r6, 9f\n"                                                                                         \
            "ldrsh r4, [r6, r4, lsl #1]\n"                                                                           \
            "add r4, r6\n"                                                                                           \
            "str r4, [sp, #24]\n"                                                                                    \
            "1:\n"                                                                                                   \
            "str lr, [sp, #12]\n"                                                                                    \
            "ldrd r7, r10, [r0], #8\n"                                                                               \
            "ldr r1, [sp, #8]\n"                                                                                     \
            "mov r8, r7\n"                                                                                           \
            "mov r9, r7\n"                                                                                           \
            "mov r11, r10\n"                                                                                         \
            "mov r12, r10\n"                                                                                         \
            "ldr pc, [sp, #24]\n"                                                                                    \
            "2:\n" EDGEC_DSP_GROUP16                                                                                 \
            "3:\n" EDGEC_DSP_GROUP16                                                                                 \
            "4:\n" EDGEC_DSP_GROUP16                                                                                 \
            "5:\n" EDGEC_DSP_GROUP16                                                                                 \
            "ldr lr, [sp, #12]\n"                                                                                    \
            "cmp r1, lr\n"                                                                                           \
            "bne 2b\n"                                                                                               \
            EDGEC_DSP_CODES16(saturate)                                                                              \
            EDGEC_DSP_NEXT_BLOCK("16")                                                                               \
            "add sp, #28\n"                                                                                          \
            "pop {r4-r11, pc}\n"                                                                                     \
            ".p2align 1\n"                                                                                           \
            "9:\n"                                                                                                   \
            ".short 2b - 9b + 1, 3b - 9b + 1, 4b - 9b + 1, 5b - 9b + 1\n");                                          \
  }

EDGEC_DSP_BLOCK16(plain16, EDGEC_DSP_SIGNED16)
EDGEC_DSP_BLOCK16(positive16, EDGEC_DSP_POSITIVE16)

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
