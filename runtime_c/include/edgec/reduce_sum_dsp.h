/* Sums and means of bytes over all pixels, for each channel, with the DSP extension. */
#ifndef EDGEC_REDUCE_SUM_DSP_H
#define EDGEC_REDUCE_SUM_DSP_H

#include "edgec/block_dsp.h"

/* One layer; a sum, which starts at `first`, becomes a code by multiplier, begin, shift - 32 (block_dsp.h). */
typedef struct {
  int32_t pixels;
  int32_t channels; /* at least 4; where they are no multiple of 4 the last four are the last 4 */
  int32_t first;
  int32_t multiplier;
  int32_t begin;
  int32_t shift;
  int32_t low; /* clamp of the code */
  int32_t high;
} edgec_reduce_sum_dsp;

/* Four channels from x on. Halfwords hold the sum of 254 bytes. */
EDGEC_ASSEMBLY void edgec_reduce_four_dsp(EDGEC_ARGUMENT const edgec_reduce_sum_dsp *op, EDGEC_ARGUMENT const int8_t *x,
                                          EDGEC_ARGUMENT int8_t *y)
{
  __asm__("push {r4-r11, lr}\n"
          "ldm r0, {r3, r4, r5}\n" /* pixels, channels, first */
          "mov r6, r5\n"
          "mov r7, r5\n"
          "mov r8, r5\n"
          "1:\n"
          "mov r9, #0\n" /* channels 0 and 2 */
          "mov r10, #0\n"
          "cmp r3, #254\n"
          "ite hi\n"
          "movhi r11, #254\n"
          "movls r11, r3\n"
          "sub r3, r11\n"
          "lsrs lr, r11, #1\n"
          "beq 3f\n"
          "2:\n"
          "ldr r12, [r1]\n"
          "sxtab16 r9, r9, r12\n"
          "sxtab16 r10, r10, r12, ror #8\n"
          "ldr r12, [r1, r4]\n"
          "add r1, r1, r4, lsl #1\n"
          "sxtab16 r9, r9, r12\n"
          "sxtab16 r10, r10, r12, ror #8\n"
          "subs lr, lr, #1\n"
          "bne 2b\n"
          "3:\n"
          "lsls lr, r11, #31\n"
          "beq 4f\n"
          "ldr r12, [r1]\n"
          "sxtab16 r9, r9, r12\n"
          "sxtab16 r10, r10, r12, ror #8\n"
          "4:\n"
          "sxtah r5, r5, r9\n"
          "sxtah r6, r6, r10\n"
          "sxtah r7, r7, r9, ror #16\n"
          "sxtah r8, r8, r10, ror #16\n"
          "cmp r3, #0\n"
          "bne 1b\n"
          "add r0, #12\n"
          "ldm r0, {r9-r11}\n" /* multiplier, begin, shift */
          "smmla r5, r5, r9, r10\n"
          "smmla r6, r6, r9, r10\n"
          "smmla r7, r7, r9, r10\n"
          "smmla r8, r8, r9, r10\n"
          "asr r5, r5, r11\n"
          "asr r6, r6, r11\n"
          "asr r7, r7, r11\n"
          "asr r8, r8, r11\n"
          "ssat r5, #8, r5\n"
          "ssat r6, #8, r6\n"
          "ssat r7, #8, r7\n"
          "ssat r8, #8, r8\n"
          "bfi r5, r6, #8, #8\n"
          "bfi r7, r8, #8, #8\n"
          "pkhbt r5, r5, r7, lsl #16\n"
          "str r5, [r2]\n"
          "pop {r4-r11, pc}\n");
}

EDGEC_BLOCK_KERNEL void edgec_reduce_sum_dsp_i8(const edgec_reduce_sum_dsp *op, const int8_t *x, int8_t *y)
{
  for (int32_t next = 0; next < op->channels; next += 4) {
    const int32_t c = next < op->channels - 4 ? next : op->channels - 4;
    edgec_reduce_four_dsp(op, x + c, y + c);
  }
  if (op->low > INT8_MIN || op->high < INT8_MAX) {
    edgec_narrow_dsp(y, op->channels, op->low, op->high);
  }
}

#endif
