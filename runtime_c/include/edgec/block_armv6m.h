/* Armv6-M (Cortex-M0, M0+): blocks of sums of products of bytes, and the codes that become of them.

   One multiplication is two products: the same weight by two pixels a, b that share a word a + 65536 * b. The sum of such
   products is A + 65536 * B, and both are known as long as A and B are within 16 bits. Code generation cuts each channel's
   weights into segments for which it proves that; at the end of a segment, with T = 32768 + A + 65536 * B,
     B = T >> 16 is added to b's sum, and T to a's, from which 65536 * (b's sum) is taken off in the end.
   Sums wrap around on the way, and fit 32 bits in the end.

   A block is 4 pixels, channel by channel. All registers are in use, so that it is a function in assembly, one for all
   layers, which are structs, streams of bytes and weights. */
#ifndef EDGEC_BLOCK_ARMV6M_H
#define EDGEC_BLOCK_ARMV6M_H

#include "edgec/assembly_armv6m.h"

/* `weights`: for each 8 channels, for each tap 8 bytes: as far apart as are the words of 4 pixels. `stream`, for each
   channel:
     what the sums of pixels 0 and 2 begin at, and what those of 1 and 3 do (words)
     for each segment of n taps, at most 16: a byte 12 * (16 - n)
     a byte EDGEC_ARMV6M_DONE, 2 more for the last channel of 8, and up to 3 bytes to where a word can lie
     whole, part, begin, last (words)
   or, where the factor has more bits: the same with 4 more in the byte, and words whole, part, begin, rest, last. At the end
   two words and a byte EDGEC_ARMV6M_END. */
#define EDGEC_ARMV6M_DONE 210
#define EDGEC_ARMV6M_END 218

typedef struct {
  const int32_t *stream;
  const int8_t *weights;
  int32_t group;    /* bytes from the weights of 8 channels to the next, less 8 */
  int32_t out_step; /* elements from one pixel of the result to the next */
} edgec_block_armv6m;

/* r0: words, r1, r2: two of them, r3, r4: the sums of a segment, r5: weight, r6: stream, r7: from words to weights; r8, r9:
   sums of pixels 0, 2, r10, r11: of 1, 3; r12: 32768, lr: out_step. The stack: y, from y to r7, words, group. */

#define EDGEC_ARMV6M_EVEN(a, b) \
  "mov r0, " b "\n"             \
  "lsls r0, r0, #16\n"          \
  "mov r5, " a "\n"             \
  "subs r5, r5, r0\n"

#define EDGEC_ARMV6M_STORE \
  "strb r0, [r7]\n"        \
  "add r7, lr\n"

/* The stream, where a word can lie; y, and the next channel's. */
#define EDGEC_ARMV6M_CHANNEL \
  "adds r6, #3\n"            \
  "lsrs r6, r6, #2\n"        \
  "lsls r6, r6, #2\n"        \
  "ldr r7, [sp]\n"           \
  "ldm r6!, {r1-r4}\n"       \
  "adds r5, r7, #1\n"        \
  "str r5, [sp]\n"

#define EDGEC_ARMV6M_GROUP \
  "ldr r0, [sp, #4]\n"     \
  "ldr r1, [sp, #12]\n"    \
  "adds r0, r0, r1\n"      \
  "str r0, [sp, #4]\n"

/* 4 pixels of all channels. `words`: for each tap two, of pixels 0 and 1, 2 and 3. 6 instructions for each tap, 4 products,
   and 12 more in each segment. */
EDGEC_ASSEMBLY void edgec_block_4_armv6m(EDGEC_ARGUMENT const void *op, EDGEC_ARGUMENT const int32_t *words,
                                         EDGEC_ARGUMENT int8_t *y)
{
  __asm__(EDGEC_ARMV6M_ENTER(16)
          "ldm r0!, {r3, r4, r5, r6}\n"
          "subs r4, r4, r1\n"
          "subs r4, r4, r2\n"
          "str r2, [sp]\n"
          "str r4, [sp, #4]\n"
          "str r1, [sp, #8]\n"
          "str r5, [sp, #12]\n"
          "mov lr, r6\n"
          "movs r6, r3\n"
          "1:\n"
          "movs r0, #128\n"
          "lsls r0, r0, #8\n"
          "mov r12, r0\n"
          /* A channel. */
          "2:\n"
          "ldm r6!, {r1, r2}\n"
          "ldr r7, [sp]\n"
          "ldr r5, [sp, #4]\n"
          "ldr r0, [sp, #8]\n"
          "mov r8, r1\n"
          "mov r9, r1\n"
          "mov r10, r2\n"
          "mov r11, r2\n"
          "adds r7, r7, r5\n"
          "mov r3, r12\n"
          "mov r4, r12\n"
          /* A segment: what is added to pc is where to, 4 behind. */
          "3:\n"
          "ldrb r5, [r6]\n"
          "adds r6, #1\n"
          "add pc, r5\n"
          "nop\n"
          ".rept 16\n"
          "ldrsb r5, [r0, r7]\n"
          "ldm r0!, {r1, r2}\n"
          "muls r1, r5, r1\n"
          "muls r2, r5, r2\n"
          "adds r3, r3, r1\n"
          "adds r4, r4, r2\n"
          ".endr\n"
          "add r8, r3\n"
          "asrs r3, r3, #16\n"
          "add r9, r4\n"
          "asrs r4, r4, #16\n"
          "add r10, r3\n"
          "mov r3, r12\n"
          "add r11, r4\n"
          "mov r4, r12\n"
          "b 3b\n"
          "b 51f\n"
          "b 41f\n"
          "b 52f\n"
          "b 42f\n"
          EDGEC_ARMV6M_LEAVE(16)
          "41:\n"
          EDGEC_ARMV6M_GROUP
          "51:\n"
          EDGEC_ARMV6M_CHANNEL
          EDGEC_ARMV6M_EVEN("r8", "r10")
          EDGEC_ARMV6M_CODE(1)
          EDGEC_ARMV6M_STORE
          "mov r5, r10\n"
          EDGEC_ARMV6M_CODE(2)
          EDGEC_ARMV6M_STORE
          EDGEC_ARMV6M_EVEN("r9", "r11")
          EDGEC_ARMV6M_CODE(3)
          EDGEC_ARMV6M_STORE
          "mov r5, r11\n"
          EDGEC_ARMV6M_CODE(4)
          EDGEC_ARMV6M_STORE
          "b 2b\n"
          EDGEC_ARMV6M_BEYOND(1)
          EDGEC_ARMV6M_BEYOND(2)
          EDGEC_ARMV6M_BEYOND(3)
          EDGEC_ARMV6M_BEYOND(4)
          "42:\n"
          EDGEC_ARMV6M_GROUP
          "52:\n"
          EDGEC_ARMV6M_CHANNEL
          EDGEC_ARMV6M_EVEN("r8", "r10")
          EDGEC_ARMV6M_LONG_CODE(1)
          EDGEC_ARMV6M_STORE
          "mov r5, r10\n"
          EDGEC_ARMV6M_LONG_CODE(2)
          EDGEC_ARMV6M_STORE
          EDGEC_ARMV6M_EVEN("r9", "r11")
          EDGEC_ARMV6M_LONG_CODE(3)
          EDGEC_ARMV6M_STORE
          "mov r5, r11\n"
          EDGEC_ARMV6M_LONG_CODE(4)
          EDGEC_ARMV6M_STORE
          "adds r6, #4\n"
          "b 1b\n"
          EDGEC_ARMV6M_LONG_BEYOND(1)
          EDGEC_ARMV6M_LONG_BEYOND(2)
          EDGEC_ARMV6M_LONG_BEYOND(3)
          EDGEC_ARMV6M_LONG_BEYOND(4));
}

/* `count` elements of 4 pixels as words of two; returns the place behind them. */
EDGEC_ASSEMBLY int32_t *edgec_pair_4_armv6m(EDGEC_ARGUMENT const int8_t *const *pixels, EDGEC_ARGUMENT int32_t count,
                                            EDGEC_ARGUMENT int32_t *words)
{
  __asm__(".syntax unified\n"
          "push {r4-r7, lr}\n"
          "movs r4, r1\n"
          "movs r7, r2\n"
          "ldm r0, {r0, r1, r2, r3}\n"
          "adds r0, r0, r4\n"
          "adds r1, r1, r4\n"
          "adds r2, r2, r4\n"
          "adds r3, r3, r4\n"
          "rsbs r4, r4, #0\n"
          "1:\n"
          "ldrsb r6, [r1, r4]\n"
          "ldrsb r5, [r0, r4]\n"
          "lsls r6, r6, #16\n"
          "adds r5, r5, r6\n"
          "stm r7!, {r5}\n"
          "ldrsb r6, [r3, r4]\n"
          "ldrsb r5, [r2, r4]\n"
          "lsls r6, r6, #16\n"
          "adds r5, r5, r6\n"
          "stm r7!, {r5}\n"
          "adds r4, r4, #1\n"
          "bne 1b\n"
          "movs r0, r7\n"
          "pop {r4-r7, pc}\n");
}

#endif
