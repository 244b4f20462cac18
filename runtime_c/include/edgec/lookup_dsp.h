/* Elementwise functions of bytes as tables, eight elements a turn, on Armv7E-M and Armv8-M. */
#ifndef EDGEC_LOOKUP_DSP_H
#define EDGEC_LOOKUP_DSP_H

#include "edgec/assembly.h"

/* Four results by the codes in `word`, packed. Cores load words that follow each other fastest. */
#define EDGEC_DSP_LOOKUP(word)        \
  "uxtb r6, " word "\n"               \
  "ubfx r7, " word ", #8, #8\n"       \
  "ubfx r8, " word ", #16, #8\n"      \
  "lsr " word ", " word ", #24\n"     \
  "ldrb r6, [r1, r6]\n"               \
  "ldrb r7, [r1, r7]\n"               \
  "ldrb r8, [r1, r8]\n"               \
  "ldrb " word ", [r1, " word "]\n"   \
  "orr r6, r6, r7, lsl #8\n"          \
  "orr r8, r8, " word ", lsl #8\n"    \
  "orr r6, r6, r8, lsl #16\n"         \
  "str r6, [r2], #4\n"

/* y[i] = table[x[i]], x[i] as an unsigned byte, whatever it is; y may be x. */
EDGEC_ASSEMBLY void edgec_lookup_dsp_8(EDGEC_ARGUMENT const void *x, EDGEC_ARGUMENT const void *table,
                                       EDGEC_ARGUMENT void *y, EDGEC_ARGUMENT int32_t count)
{
  __asm__("push {r4-r8, lr}\n"
          "lsrs r12, r3, #3\n"
          "beq 2f\n"
          "1:\n"
          "ldr r4, [r0], #4\n"
          "ldr r5, [r0], #4\n"
          EDGEC_DSP_LOOKUP("r4")
          EDGEC_DSP_LOOKUP("r5")
          "subs r12, r12, #1\n"
          "bne 1b\n"
          "2:\n"
          "ands r3, r3, #7\n"
          "beq 4f\n"
          "3:\n"
          "ldrb r4, [r0], #1\n"
          "ldrb r4, [r1, r4]\n"
          "strb r4, [r2], #1\n"
          "subs r3, r3, #1\n"
          "bne 3b\n"
          "4:\n"
          "pop {r4-r8, pc}\n");
}

#endif
