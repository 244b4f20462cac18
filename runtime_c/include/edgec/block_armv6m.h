/* Armv6-M (Cortex-M0, M0+): blocks of sums of products of bytes, and the codes that become of them.

   A block is 6 pixels, which share words by threes (triples.h), channel by channel: a multiplication is one and a half
   products. Offsets that are part of the instruction are only there for loads of unsigned bytes, so that weights are 128
   more than they are; sums begin at -128 times the sum of the words of their segment, which makes up for it, modulo 2^32.

   All registers are in use, so that it is a function in assembly, one for all layers, which are structs and streams. */
#ifndef EDGEC_BLOCK_ARMV6M_H
#define EDGEC_BLOCK_ARMV6M_H

#include "edgec/assembly_armv6m.h"
#include "edgec/triples.h"

/* `stream`, for each channel:
     offset (word)
     up to 3 bytes of nothing, so that what follows is a multiple of 4, and for each tap its weight + 128 (bytes)
     whole, part, begin, last (words), or, where the factor has more bits: whole + 2^31, part, begin, rest, last
   A channel's sum, and offset, becomes a code by these (assembly_armv6m.h). */
typedef struct {
  const int32_t *stream;
  int32_t code;     /* taps run in turns of 12: bytes of code before the tap that the first turn begins with */
  int32_t back;     /* from the offset to where the weights of a whole first turn would begin */
  int32_t begin;    /* bytes of words of the first segment */
  int32_t segment;  /* bytes of words of each further one */
  int32_t all;      /* bytes of words */
  int32_t out_step; /* elements from one pixel of the result to the next: the channels */
} edgec_block_armv6m;

/* The sums of three pixels, whose words are in `first` and `second`, as r0, r1, r2. */
#define EDGEC_ARMV6M_TRIPLE(first, second) \
  "mov r0, " first "\n"                    \
  "mov r1, " second "\n"                   \
  "lsrs r2, r0, #21\n"                     \
  "lsls r3, r2, #10\n"                     \
  "subs r1, r1, r3\n"                      \
  "lsrs r3, r1, #21\n"                     \
  "lsls r3, r3, #11\n"                     \
  "adds r2, r2, r3\n"                      \
  "lsls r0, r0, #11\n"                     \
  "lsrs r0, r0, #11\n"                     \
  "lsls r1, r1, #11\n"                     \
  "lsrs r1, r1, #11\n"

/* The sums with what is added to them are kept. */
#define EDGEC_ARMV6M_KEEP(a, b, c) \
  "adds r0, r0, " a "\n"           \
  "adds r1, r1, " b "\n"           \
  "adds r2, r2, " c "\n"           \
  "stm r7!, {r0, r1, r2}\n"

#define EDGEC_ARMV6M_SEGMENT    \
  "ldm r7!, {r1, r2, r3, r4}\n" \
  "mov r8, r1\n"                \
  "mov r9, r2\n"                \
  "mov r10, r3\n"               \
  "mov r11, r4\n"

/* Something of each pixel, that takes its number. */
#define EDGEC_ARMV6M_EACH(instruction)    \
  ".irp pixel, 1, 2, 3, 4, 5, 6\n"        \
  instruction(\\pixel\\())                 \
  ".endr\n"

#define EDGEC_ARMV6M_STORE(code)          \
  ".irp pixel, 1, 2, 3, 4, 5, 6\n"        \
  "ldr r5, [sp, #36+4*\\pixel]\n"         \
  code(\\pixel\\())                        \
  "strb r0, [r7]\n"                       \
  "add r7, lr\n"                          \
  ".endr\n"

/* 6 pixels of all channels. `words`: for each tap four, and room behind them for four for each segment. 10 instructions for
   each tap, 6 products.
   r0: words, r1-r4: four of them, r5: weight, r6: stream, r7: what sums begin at; r8-r11: sums, r12: the segment's end, lr:
   out_step. The stack: 0: y, 4: words, 8: the first segment's end, 12: segment, 16: the end of words, 20: bytes of code,
   24: back, 28: the end of y, 32: offset, 36: r7, 40: sums. */
EDGEC_ASSEMBLY void edgec_block_6_armv6m(EDGEC_ARGUMENT const void *op, EDGEC_ARGUMENT const int32_t *words,
                                         EDGEC_ARGUMENT int8_t *y)
{
  __asm__(EDGEC_ARMV6M_ENTER(64)
          "str r2, [sp]\n"
          "ldm r0!, {r3, r4, r5}\n"
          "str r4, [sp, #20]\n"
          "str r5, [sp, #24]\n"
          "mov lr, r3\n"
          "str r1, [sp, #4]\n"
          "ldm r0!, {r4, r5, r6, r7}\n"
          "adds r4, r4, r1\n"
          "str r4, [sp, #8]\n"
          "mov r12, r4\n"
          "str r5, [sp, #12]\n"
          "adds r6, r6, r1\n"
          "str r6, [sp, #16]\n"
          "adds r2, r2, r7\n"
          "str r2, [sp, #28]\n"
          "movs r0, r1\n"
          "str r7, [sp, #36]\n"
          "movs r7, r6\n"
          /* What the sums of each segment begin at. */
          "movs r5, #1\n"
          "lsls r5, r5, #20\n"
          "lsls r6, r5, #10\n"
          "adds r6, r6, r5\n"
          "1:\n"
          "movs r1, #0\n"
          "mov r8, r1\n"
          "mov r9, r1\n"
          "mov r10, r1\n"
          "mov r11, r1\n"
          "2:\n"
          "ldm r0!, {r1, r2, r3, r4}\n"
          "add r8, r1\n"
          "add r9, r2\n"
          "add r10, r3\n"
          "add r11, r4\n"
          "cmp r0, r12\n"
          "bne 2b\n"
          "mov r1, r8\n"
          "mov r2, r9\n"
          "mov r3, r10\n"
          "mov r4, r11\n"
          "lsls r1, r1, #7\n"
          "lsls r2, r2, #7\n"
          "lsls r3, r3, #7\n"
          "lsls r4, r4, #7\n"
          "subs r1, r5, r1\n"
          "subs r2, r6, r2\n"
          "subs r3, r5, r3\n"
          "subs r4, r6, r4\n"
          "stm r7!, {r1, r2, r3, r4}\n"
          "ldr r1, [sp, #12]\n"
          "add r12, r1\n"
          "ldr r1, [sp, #16]\n"
          "cmp r0, r1\n"
          "bne 1b\n"
          "mov r6, lr\n"
          "ldr r0, [sp, #36]\n"
          "mov lr, r0\n"
          /* A channel. */
          "1:\n"
          "ldr r0, [r6]\n"
          "ldr r1, [sp, #24]\n"
          "ldr r2, [sp, #8]\n"
          "ldr r7, [sp, #16]\n"
          "str r0, [sp, #32]\n"
          "adds r6, r6, r1\n"
          "mov r12, r2\n"
          "ldr r0, [sp, #4]\n"
          "ldr r5, [sp, #20]\n"
          EDGEC_ARMV6M_SEGMENT
          "add pc, r5\n"
          "nop\n"
          "2:\n"
          ".irp tap, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11\n"
          "ldrb r5, [r6, #\\tap]\n"
          "ldm r0!, {r1, r2, r3, r4}\n"
          "muls r1, r5, r1\n"
          "muls r2, r5, r2\n"
          "muls r3, r5, r3\n"
          "muls r4, r5, r4\n"
          "add r8, r1\n"
          "add r9, r2\n"
          "add r10, r3\n"
          "add r11, r4\n"
          ".endr\n"
          "adds r6, #12\n"
          "cmp r0, r12\n"
          "bne 2b\n"
          /* The end of a segment. */
          "str r7, [sp, #36]\n"
          "add r7, sp, #40\n"
          "ldr r1, [sp, #8]\n"
          "cmp r1, r0\n"
          "bne 4f\n"
          "ldr r4, [sp, #32]\n"
          EDGEC_ARMV6M_TRIPLE("r8", "r9")
          EDGEC_ARMV6M_KEEP("r4", "r4", "r4")
          EDGEC_ARMV6M_TRIPLE("r10", "r11")
          EDGEC_ARMV6M_KEEP("r4", "r4", "r4")
          "3:\n"
          "ldr r1, [sp, #16]\n"
          "cmp r1, r12\n"
          "beq 5f\n"
          "mov r0, r12\n"
          "ldr r7, [sp, #36]\n"
          "ldr r1, [sp, #12]\n"
          "add r12, r1\n"
          EDGEC_ARMV6M_SEGMENT
          "b 2b\n"
          "4:\n"
          EDGEC_ARMV6M_TRIPLE("r8", "r9")
          "ldm r7!, {r3, r4, r5}\n"
          "subs r7, #12\n"
          EDGEC_ARMV6M_KEEP("r3", "r4", "r5")
          EDGEC_ARMV6M_TRIPLE("r10", "r11")
          "ldm r7!, {r3, r4, r5}\n"
          "subs r7, #12\n"
          EDGEC_ARMV6M_KEEP("r3", "r4", "r5")
          "b 3b\n"
          /* Codes. */
          "5:\n"
          "ldm r6!, {r1, r2, r3, r4}\n"
          "ldr r7, [sp]\n"
          "adds r0, r7, #1\n"
          "str r0, [sp]\n"
          "cmp r1, #0\n"
          "bge 51f\n"
          "b 52f\n"
          "51:\n"
          EDGEC_ARMV6M_STORE(EDGEC_ARMV6M_CODE)
          "53:\n"
          "ldr r0, [sp]\n"
          "ldr r1, [sp, #28]\n"
          "cmp r0, r1\n"
          "beq 54f\n"
          "b 1b\n"
          "54:\n"
          EDGEC_ARMV6M_LEAVE(64)
          EDGEC_ARMV6M_EACH(EDGEC_ARMV6M_BEYOND)
          "52:\n"
          "lsls r1, r1, #1\n"
          "lsrs r1, r1, #1\n"
          EDGEC_ARMV6M_STORE(EDGEC_ARMV6M_LONG_CODE)
          "adds r6, #4\n"
          "b 53b\n"
          EDGEC_ARMV6M_EACH(EDGEC_ARMV6M_LONG_BEYOND));
}

/* Three of the pixels: each element two words, with room for two more behind them. */
#define EDGEC_ARMV6M_PACK       \
  "rsbs r4, r3, #0\n"           \
  "9:\n"                        \
  "ldrsb r5, [r0, r4]\n"        \
  "ldrsb r6, [r1, r4]\n"        \
  "ldrsb r3, [r2, r4]\n"        \
  "lsls r3, r3, #10\n"          \
  "adds r6, r6, r3\n"           \
  "lsls r3, r3, #11\n"          \
  "adds r5, r5, r3\n"           \
  "stm r7!, {r5, r6}\n"         \
  "adds r7, #8\n"               \
  "adds r4, r4, #1\n"           \
  "bne 9b\n"

/* `count` elements of 6 pixels as words, four for each; returns the place behind them. */
EDGEC_ASSEMBLY int32_t *edgec_pack_6_armv6m(EDGEC_ARGUMENT const int8_t *const *pixels, EDGEC_ARGUMENT int32_t count,
                                            EDGEC_ARGUMENT int32_t *words)
{
  __asm__(".syntax unified\n"
          "push {r0-r2, r4-r7, lr}\n"
          "movs r3, r1\n"
          "movs r7, r2\n"
          "ldm r0, {r0, r1, r2}\n"
          "adds r0, r0, r3\n"
          "adds r1, r1, r3\n"
          "adds r2, r2, r3\n"
          EDGEC_ARMV6M_PACK
          "ldr r0, [sp]\n"
          "ldr r3, [sp, #4]\n"
          "ldr r7, [sp, #8]\n"
          "adds r7, #8\n"
          "adds r0, #12\n"
          "ldm r0, {r0, r1, r2}\n"
          "adds r0, r0, r3\n"
          "adds r1, r1, r3\n"
          "adds r2, r2, r3\n"
          EDGEC_ARMV6M_PACK
          "subs r7, #8\n"
          "movs r0, r7\n"
          "add sp, #12\n"
          "pop {r4-r7, pc}\n");
}

#endif
