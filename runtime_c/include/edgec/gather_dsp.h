/* Pixels' windows as the patches of the DSP extension's blocks: word by word, those of 3 pixels behind each other. */
#ifndef EDGEC_GATHER_DSP_H
#define EDGEC_GATHER_DSP_H

#include "edgec/assembly.h"

/* What a pixel's window is in memory: runs of words, as far apart as `skip` says, in bytes from the end of one to the next.
   Of `words` in a run 3 * triples are copied by threes, which has to be aligned. */
typedef struct {
  int32_t runs;
  int32_t triples;
  int32_t singles;
  int32_t skip;
} edgec_runs_dsp;

/* The windows of 3 pixels, of which each word goes behind the same one of the pixel before. */
EDGEC_ASSEMBLY void edgec_gather_3_dsp(EDGEC_ARGUMENT const int16_t *a, EDGEC_ARGUMENT const int16_t *b,
                                       EDGEC_ARGUMENT const int16_t *c, EDGEC_ARGUMENT int16_t *patch,
                                       EDGEC_ARGUMENT const edgec_runs_dsp *runs)
{
  __asm__("push {r4-r11, lr}\n"
          "ldr r4, [sp, #36]\n"
          "ldm r4, {r4-r7}\n"
          "push {r4-r7}\n" /* runs, triples, singles, skip */
          "1:\n"
          "ldr lr, [sp, #4]\n"
          "cmp lr, #0\n"
          "beq 3f\n"
          "2:\n"
          "ldm r0!, {r4, r7, r10}\n"
          "ldm r1!, {r5, r8, r11}\n"
          "ldm r2!, {r6, r9, r12}\n"
          "stm r3!, {r4-r12}\n"
          "subs lr, lr, #1\n"
          "bne 2b\n"
          "3:\n"
          "ldr lr, [sp, #8]\n"
          "cmp lr, #0\n"
          "beq 5f\n"
          "4:\n"
          "ldr r4, [r0], #4\n"
          "ldr r5, [r1], #4\n"
          "ldr r6, [r2], #4\n"
          "stm r3!, {r4-r6}\n"
          "subs lr, lr, #1\n"
          "bne 4b\n"
          "5:\n"
          "ldr r4, [sp, #12]\n"
          "add r0, r4\n"
          "add r1, r4\n"
          "add r2, r4\n"
          "ldr r5, [sp]\n"
          "subs r5, r5, #1\n"
          "str r5, [sp]\n"
          "bne 1b\n"
          "add sp, #16\n"
          "pop {r4-r11, pc}\n");
}

#endif
