/* Dense layers of few pixels of bytes on Armv6-M: 1 pixel x 4 channels. */
#ifndef EDGEC_DENSE_ARMV6M_H
#define EDGEC_DENSE_ARMV6M_H

#include "edgec/assembly_armv6m.h"

/* `weights`: for each 4 channels, for each tap 4 bytes: as far apart as are the words of x. `stream`: for each 4 channels
   what their sums begin at (words), then for each of them
     whole, part, begin, last
   or, where the factor has more bits: whole + 2^31, part, begin, rest, last (words). Where the number of channels is no
   multiple of 4 the last sums and weights are 0, and there are no codes of them. */
typedef struct {
  const int32_t *stream;
  const int8_t *weights;
  int32_t in_channels;
  int32_t first; /* bytes of code before the taps of the first turn */
  int32_t out_channels;
} edgec_dense_armv6m;

/* One pixel, widened to `words`. 13 instructions for each tap and 4 channels.
   r0: words, r1: one of them, r2: weight, r3-r6: from words to the weights of each channel; r8-r11: sums, r12: the end of
   words. The stack: y, stream, words, weights less words, bytes of words, of code, the end of y. */
EDGEC_ASSEMBLY void edgec_dense_4_armv6m(EDGEC_ARGUMENT const edgec_dense_armv6m *op, EDGEC_ARGUMENT const int32_t *words,
                                         EDGEC_ARGUMENT int8_t *y)
{
  __asm__(EDGEC_ARMV6M_ENTER(28)
          "str r2, [sp]\n"
          "ldm r0!, {r3, r4, r5, r6, r7}\n"
          "str r3, [sp, #4]\n"
          "str r1, [sp, #8]\n"
          "subs r4, r4, r1\n"
          "str r4, [sp, #12]\n"
          "lsls r5, r5, #2\n"
          "str r5, [sp, #16]\n"
          "str r6, [sp, #20]\n"
          "adds r7, r7, r2\n"
          "str r7, [sp, #24]\n"
          "adds r1, r1, r5\n"
          "mov r12, r1\n"
          /* Four channels. */
          "1:\n"
          "ldr r7, [sp, #4]\n"
          "ldm r7!, {r0, r1, r2, r3}\n"
          "str r7, [sp, #4]\n"
          "mov r8, r0\n"
          "mov r9, r1\n"
          "mov r10, r2\n"
          "mov r11, r3\n"
          "ldr r3, [sp, #12]\n"
          "ldr r1, [sp, #16]\n"
          "adds r1, r1, r3\n"
          "str r1, [sp, #12]\n"
          "subs r3, #4\n"
          "adds r4, r3, #1\n"
          "adds r5, r3, #2\n"
          "adds r6, r3, #3\n"
          "ldr r0, [sp, #8]\n"
          "ldr r1, [sp, #20]\n"
          "add pc, r1\n"
          "nop\n"
          "2:\n"
          ".rept 8\n"
          "ldm r0!, {r1}\n"
          "ldrsb r2, [r0, r3]\n"
          "muls r2, r1, r2\n"
          "add r8, r2\n"
          "ldrsb r2, [r0, r4]\n"
          "muls r2, r1, r2\n"
          "add r9, r2\n"
          "ldrsb r2, [r0, r5]\n"
          "muls r2, r1, r2\n"
          "add r10, r2\n"
          "ldrsb r2, [r0, r6]\n"
          "muls r2, r1, r2\n"
          "add r11, r2\n"
          ".endr\n"
          "cmp r0, r12\n"
          "bne 2b\n"
          /* Codes of these, or of those that there still are. */
          "mov lr, r0\n"
          "ldr r7, [sp]\n"
          "ldr r6, [sp, #4]\n"
          "ldr r1, [sp, #24]\n"
          "subs r0, r1, r7\n"
          "cmp r0, #4\n"
          "blo 3f\n"
          "adds r1, r7, #4\n"
          "3:\n"
          "str r1, [sp]\n"
          "4:\n"
          "mov r5, r8\n"
          "ldm r6!, {r1-r4}\n"
          "cmp r1, #0\n"
          "blt 5f\n"
          EDGEC_ARMV6M_CODE(1)
          "strb r0, [r7]\n"
          "adds r7, #1\n"
          "mov r8, r9\n"
          "mov r9, r10\n"
          "ldr r0, [sp]\n"
          "mov r10, r11\n"
          "cmp r7, r0\n"
          "bne 4b\n"
          "str r6, [sp, #4]\n"
          "ldr r0, [sp, #24]\n"
          "mov r12, lr\n"
          "cmp r7, r0\n"
          "beq 6f\n"
          "b 1b\n"
          "6:\n"
          EDGEC_ARMV6M_LEAVE(28)
          EDGEC_ARMV6M_BEYOND(1)
          "5:\n"
          "lsls r1, r1, #1\n"
          "lsrs r1, r1, #1\n"
          EDGEC_ARMV6M_LONG_CODE(2)
          "adds r6, #4\n"
          "b 81b\n"
          EDGEC_ARMV6M_LONG_BEYOND(2));
}

/* Scratch: 4 bytes for each input channel. */
EDGEC_BLOCK_KERNEL void edgec_dense_armv6m_i8(const edgec_dense_armv6m *op, int32_t pixels, const int8_t *x, int8_t *y,
                                          void *scratch)
{
  int32_t *const words = (int32_t *)scratch;
  for (; pixels > 0; --pixels, x += op->in_channels, y += op->out_channels) {
    for (int32_t i = 0; i < op->in_channels; ++i) {
      words[i] = x[i];
    }
    edgec_dense_4_armv6m(op, words, y);
  }
}

#endif
