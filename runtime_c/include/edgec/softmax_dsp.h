/* Softmax of bytes that lie side by side with the DSP extension. */
#ifndef EDGEC_SOFTMAX_DSP_H
#define EDGEC_SOFTMAX_DSP_H

#include "edgec/block_dsp.h"

/* exponential[255 - d] stands for exp(-d) in steps of x, times 2^30; `scaled` is that of softmax_quantized.h. An
   exponential by the quotient becomes a code by begin, shift - 32 (block_dsp.h). */
typedef struct {
  const int32_t *exponential;
  int32_t begin;
  int32_t shift;
  int64_t scaled;
} edgec_softmax_dsp;

/* The largest of `count` bytes, 4 or more. */
EDGEC_ASSEMBLY int32_t edgec_top_dsp(EDGEC_ARGUMENT const int8_t *x, EDGEC_ARGUMENT int32_t count)
{
  __asm__("push {r4, lr}\n"
          "lsr r2, r1, #2\n"
          "and r1, r1, #3\n"
          "mov r12, #0x80808080\n"
          "1:\n"
          "ldr r3, [r0], #4\n"
          "ssub8 r4, r12, r3\n"
          "sel r12, r12, r3\n"
          "subs r2, r2, #1\n"
          "bne 1b\n"
          "cmp r1, #0\n"
          "beq 2f\n"
          "sub r1, r1, #4\n" /* the last 4 */
          "add r0, r0, r1\n"
          "mov r1, #0\n"
          "mov r2, #1\n"
          "b 1b\n"
          "2:\n"
          "ror r3, r12, #16\n"
          "ssub8 r2, r12, r3\n"
          "sel r12, r12, r3\n"
          "ror r3, r12, #8\n"
          "ssub8 r2, r12, r3\n"
          "sel r12, r12, r3\n"
          "sxtb r0, r12\n"
          "pop {r4, pc}\n");
}

/* The sum of the exponentials of x; `exponential` is at that of 0. */
EDGEC_ASSEMBLY int64_t edgec_exponentials_dsp(EDGEC_ARGUMENT const int32_t *exponential, EDGEC_ARGUMENT const int8_t *x,
                                              EDGEC_ARGUMENT int32_t count)
{
  __asm__("push {r4-r7, lr}\n"
          "mov r12, r0\n"
          "mov r0, #0\n"
          "mov r3, #0\n"
          "lsr lr, r2, #2\n"
          "ands r2, r2, #3\n"
          "beq 2f\n"
          "1:\n"
          "ldrsb r4, [r1], #1\n"
          "ldr r4, [r12, r4, lsl #2]\n"
          "adds r0, r0, r4\n"
          "adc r3, r3, #0\n"
          "subs r2, r2, #1\n"
          "bne 1b\n"
          "2:\n"
          "ldrsb r5, [r1, #1]\n"
          "ldrsb r6, [r1, #2]\n"
          "ldrsb r7, [r1, #3]\n"
          "ldrsb r4, [r1], #4\n"
          "ldr r5, [r12, r5, lsl #2]\n"
          "ldr r6, [r12, r6, lsl #2]\n"
          "ldr r7, [r12, r7, lsl #2]\n"
          "ldr r4, [r12, r4, lsl #2]\n"
          "adds r0, r0, r5\n"
          "adc r3, r3, #0\n"
          "adds r0, r0, r6\n"
          "adc r3, r3, #0\n"
          "adds r0, r0, r7\n"
          "adc r3, r3, #0\n"
          "adds r0, r0, r4\n"
          "adc r3, r3, #0\n"
          "subs lr, lr, #1\n"
          "bne 2b\n"
          "mov r1, r3\n"
          "pop {r4-r7, pc}\n");
}

/* y may be x. */
EDGEC_ASSEMBLY void edgec_quotients_dsp(EDGEC_ARGUMENT const edgec_softmax_dsp *op,
                                        EDGEC_ARGUMENT const int32_t *exponential, EDGEC_ARGUMENT const int8_t *x,
                                        EDGEC_ARGUMENT int8_t *y, EDGEC_ARGUMENT int32_t count,
                                        EDGEC_ARGUMENT int32_t quotient)
{
  __asm__("push {r4-r10, lr}\n"
          "ldrd r9, r10, [r0, #4]\n" /* begin, shift */
          "ldrd r12, r8, [sp, #32]\n"
          "lsr lr, r12, #2\n"
          "ands r12, r12, #3\n"
          "beq 2f\n"
          "1:\n"
          "ldrsb r4, [r2], #1\n"
          "ldr r4, [r1, r4, lsl #2]\n"
          "smmla r4, r4, r8, r9\n"
          "asr r4, r4, r10\n"
          "ssat r4, #8, r4\n"
          "strb r4, [r3], #1\n"
          "subs r12, r12, #1\n"
          "bne 1b\n"
          "2:\n"
          "ldrsb r5, [r2, #1]\n"
          "ldrsb r6, [r2, #2]\n"
          "ldrsb r7, [r2, #3]\n"
          "ldrsb r4, [r2], #4\n"
          "ldr r5, [r1, r5, lsl #2]\n"
          "ldr r6, [r1, r6, lsl #2]\n"
          "ldr r7, [r1, r7, lsl #2]\n"
          "ldr r4, [r1, r4, lsl #2]\n"
          "smmla r5, r5, r8, r9\n"
          "smmla r6, r6, r8, r9\n"
          "smmla r7, r7, r8, r9\n"
          "smmla r4, r4, r8, r9\n"
          "asr r5, r5, r10\n"
          "asr r6, r6, r10\n"
          "asr r7, r7, r10\n"
          "asr r4, r4, r10\n"
          "ssat r5, #8, r5\n"
          "ssat r6, #8, r6\n"
          "ssat r7, #8, r7\n"
          "ssat r4, #8, r4\n"
          "bfi r4, r5, #8, #8\n"
          "bfi r6, r7, #8, #8\n"
          "pkhbt r4, r4, r6, lsl #16\n"
          "str r4, [r3], #4\n"
          "subs lr, lr, #1\n"
          "bne 2b\n"
          "pop {r4-r10, pc}\n");
}

/* `lines` of `count` elements each, 4 or more. y may be x. */
EDGEC_BLOCK_KERNEL void edgec_softmax_dsp_i8(const edgec_softmax_dsp *op, int32_t lines, int32_t count, const int8_t *x,
                                             int8_t *y)
{
  for (int32_t i = 0; i < lines; ++i, x += count, y += count) {
    const int32_t *const exponential = op->exponential + (255 - edgec_top_dsp(x, count));
    const int64_t sum = edgec_exponentials_dsp(exponential, x, count);
    edgec_quotients_dsp(op, exponential, x, y, count, (int32_t)(op->scaled / sum));
  }
}

#endif
