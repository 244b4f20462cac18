/* Armv7-M without the DSP extension (Cortex-M3): blocks of sums of products of bytes, and the codes that become of them.

   A block is 2 channels x 6 pixels, which share words by threes (triples.h): a multiplication with accumulation takes two
   cycles, and is one and a half products. All registers are in use, so that it is a function in assembly, one for all
   layers, which are structs and streams. */
#ifndef EDGEC_BLOCK_ARMV7M_H
#define EDGEC_BLOCK_ARMV7M_H

#include "edgec/assembly.h"
#include "edgec/triples.h"

#if !defined(__ARM_ARCH_7M__)
#error "these kernels are for Armv7-M: compile for the core that the model was made for"
#endif

/* A layer's channels in pairs, as a stream. Each pair is
     for each tap the weights of both channels (bytes), and 2 more where the number of taps is odd
     for each channel multiplier, begin, shift - 32, offset (words); above the byte of the shift one of how many channels
     the next one is further on, and bit 31 in the last one
   A channel's sum, and offset, becomes (upper half of sum * multiplier + begin) >> (shift - 32), saturated. */
typedef struct {
  const int32_t *stream;
  int32_t first;    /* taps run in turns of 8: the tap that the first turn begins with */
  int32_t begin;    /* bytes of words of the first segment, with those before that tap */
  int32_t segment;  /* bytes of words of each further one */
  int32_t all;      /* bytes of words */
  int32_t out_step; /* elements from one pixel of the result to the next */
  int32_t low;      /* clamp of the code */
  int32_t high;
} edgec_block_armv7m;

#define EDGEC_ARMV7M_CODE(sum, place)    \
  "add " sum ", " sum ", r5\n"           \
  "smull r0, " sum ", " sum ", r2\n"     \
  "add " sum ", " sum ", r3\n"           \
  "asr " sum ", " sum ", r4\n"           \
  "ssat " sum ", #8, " sum "\n"          \
  "strb " sum ", [r12" place "]\n"

#define EDGEC_ARMV7M_BEGIN     \
  "mov r6, #0x100000\n"        \
  "add r7, r6, #0x40000000\n"  \
  "mov r8, r6\n"               \
  "mov r9, r7\n"               \
  "mov r10, r6\n"              \
  "mov r11, r7\n"              \
  "mov r12, r6\n"              \
  "mov lr, r7\n"

/* 6 pixels of all channels. 14 instructions for each tap, 12 products, in 24 cycles.
   r0: words, r1: stream, r2, r3: words, r4, r5: weights, r6-r9, r10-r12, lr: sums of both channels. The stack: 0: y,
   4: words, 8: their end, 12: the segment's end, 16: segment, 20: bytes of code, 24: out_step, 28: the first segment's end,
   32: bytes of weights before the first tap, 36: whether there are sums, 40: sums in words of the second channel, 56: sums
   of both channels, 104: the channel's. */
EDGEC_ASSEMBLY void edgec_block_6x2_armv7m(EDGEC_ARGUMENT const void *op, EDGEC_ARGUMENT const int32_t *words,
                                           EDGEC_ARGUMENT int8_t *y)
{
  __asm__(".syntax unified\n"
          "push {r4-r11, lr}\n"
          "sub sp, #108\n"
          "ldm r0, {r3-r8}\n"
          "str r2, [sp]\n"
          "sub r1, r1, r4, lsl #4\n"
          "str r1, [sp, #4]\n"
          "add r7, r7, r1\n"
          "str r7, [sp, #8]\n"
          "str r6, [sp, #16]\n"
          "mov r6, #48\n"
          "mul r6, r6, r4\n"
          "str r6, [sp, #20]\n"
          "str r8, [sp, #24]\n"
          "add r5, r5, r1\n"
          "str r5, [sp, #28]\n"
          "lsl r4, r4, #1\n"
          "str r4, [sp, #32]\n"
          "mov r1, r3\n"
          /* A pair of channels. */
          "1:\n"
          "ldr r0, [sp, #4]\n"
          "ldr r2, [sp, #32]\n"
          "ldr r4, [sp, #28]\n"
          "ldr r3, [sp, #20]\n"
          "sub r1, r1, r2\n"
          "str r4, [sp, #12]\n"
          "mov r2, #0\n"
          "str r2, [sp, #36]\n"
          EDGEC_ARMV7M_BEGIN
          "add pc, r3\n"
          "nop\n"
          "2:\n"
          ".set edgec_tap, 0\n"
          ".rept 8\n"
          "ldrsb.w r4, [r1, #2*edgec_tap]\n"
          "ldrsb.w r5, [r1, #2*edgec_tap+1]\n"
          "ldr.n r2, [r0, #16*edgec_tap]\n"
          "ldr.n r3, [r0, #16*edgec_tap+4]\n"
          "mla r6, r4, r2, r6\n"
          "mla r10, r5, r2, r10\n"
          "mla r7, r4, r3, r7\n"
          "mla r11, r5, r3, r11\n"
          "ldr.n r2, [r0, #16*edgec_tap+8]\n"
          "ldr.n r3, [r0, #16*edgec_tap+12]\n"
          "mla r8, r4, r2, r8\n"
          "mla r12, r5, r2, r12\n"
          "mla r9, r4, r3, r9\n"
          "mla lr, r5, r3, lr\n"
          ".set edgec_tap, edgec_tap+1\n"
          ".endr\n"
          "ldr r2, [sp, #12]\n"
          "adds r0, #128\n"
          "adds r1, #16\n"
          "cmp r0, r2\n"
          "bne 2b\n"
          /* The end of a segment, for both channels. */
          "add r0, sp, #40\n"
          "stm r0, {r10, r11, r12, lr}\n"
          "add r0, sp, #56\n"
          "3:\n"
          "lsr r10, r6, #21\n"
          "lsr r11, r8, #21\n"
          "bfc r6, #21, #11\n"
          "bfc r8, #21, #11\n"
          "sub r7, r7, r10, lsl #10\n"
          "sub r9, r9, r11, lsl #10\n"
          "lsr r12, r7, #21\n"
          "lsr lr, r9, #21\n"
          "bfc r7, #21, #11\n"
          "bfc r9, #21, #11\n"
          "add r10, r10, r12, lsl #11\n"
          "add r11, r11, lr, lsl #11\n"
          "ldr r2, [sp, #36]\n"
          "ldr r3, [sp, #12]\n"
          "ldr r4, [sp, #8]\n"
          "cmp r2, #0\n"
          "beq 4f\n"
          "ldm r0, {r2, r5, r12}\n"
          "add r6, r6, r2\n"
          "add r7, r7, r5\n"
          "add r10, r10, r12\n"
          "ldr r2, [r0, #12]\n"
          "ldr r5, [r0, #16]\n"
          "ldr r12, [r0, #20]\n"
          "add r8, r8, r2\n"
          "add r9, r9, r5\n"
          "add r11, r11, r12\n"
          "4:\n"
          "cmp r3, r4\n"
          "beq 5f\n"
          "stm r0!, {r6, r7, r10}\n"
          "stm r0!, {r8, r9, r11}\n"
          "add r2, sp, #40\n"
          "ldm r2, {r6-r9}\n"
          "add r2, sp, #104\n"
          "cmp r0, r2\n"
          "bne 3b\n"
          "ldr r0, [sp, #12]\n"
          "ldr r2, [sp, #16]\n"
          "add r2, r2, r0\n"
          "str r2, [sp, #12]\n"
          "str r2, [sp, #36]\n"
          EDGEC_ARMV7M_BEGIN
          "b 2b\n"
          /* Codes. */
          "5:\n"
          "str r0, [sp, #104]\n"
          "add r1, #3\n"
          "bic r1, r1, #3\n"
          "ldm r1!, {r2-r5}\n"
          "ldr r12, [sp]\n"
          "ldr lr, [sp, #24]\n"
          EDGEC_ARMV7M_CODE("r6", "")
          EDGEC_ARMV7M_CODE("r7", ", lr")
          EDGEC_ARMV7M_CODE("r10", ", lr, lsl #1")
          "add r12, r12, lr\n"
          "add r12, r12, lr, lsl #1\n"
          EDGEC_ARMV7M_CODE("r8", "")
          EDGEC_ARMV7M_CODE("r9", ", lr")
          EDGEC_ARMV7M_CODE("r11", ", lr, lsl #1")
          "ldr r2, [sp]\n"
          "ldr r0, [sp, #104]\n"
          "ubfx r3, r4, #8, #8\n"
          "add r2, r2, r3\n"
          "str r2, [sp]\n"
          "add r0, #24\n"
          "add r2, sp, #40\n"
          "ldm r2, {r6-r9}\n"
          "add r2, sp, #104\n"
          "cmp r0, r2\n"
          "bne 3b\n"
          "cmp r4, #0\n"
          "bge 1b\n"
          "add sp, #108\n"
          "pop {r4-r11, pc}\n");
}

/* `count` elements of 6 pixels as words, four for each; returns the place behind them. */
EDGEC_ASSEMBLY int32_t *edgec_pack_6_armv7m(EDGEC_ARGUMENT const int8_t *const *pixels, EDGEC_ARGUMENT int32_t count,
                                            EDGEC_ARGUMENT int32_t *words)
{
  __asm__(".syntax unified\n"
          "push {r4-r11, lr}\n"
          "mov r7, r2\n"
          "ldm r0, {r2-r6, r12}\n"
          "rsbs r0, r1, #0\n"
          "add r2, r2, r1\n"
          "add r3, r3, r1\n"
          "add r4, r4, r1\n"
          "add r5, r5, r1\n"
          "add r6, r6, r1\n"
          "add r1, r1, r12\n" /* the last pixel */
          "1:\n"
          "ldrsb r12, [r4, r0]\n"
          "ldrsb lr, [r1, r0]\n"
          "ldrsb r8, [r2, r0]\n"
          "ldrsb r9, [r3, r0]\n"
          "ldrsb r10, [r5, r0]\n"
          "ldrsb r11, [r6, r0]\n"
          "add r8, r8, r12, lsl #21\n"
          "add r9, r9, r12, lsl #10\n"
          "add r10, r10, lr, lsl #21\n"
          "add r11, r11, lr, lsl #10\n"
          "stm r7!, {r8-r11}\n"
          "adds r0, #1\n"
          "bne 1b\n"
          "mov r0, r7\n"
          "pop {r4-r11, pc}\n");
}

/* Codes that are bytes already, within narrower limits. */
EDGEC_FUNCTION void edgec_narrow_armv7m(int8_t *y, int32_t count, int32_t low, int32_t high)
{
  for (; (low > INT8_MIN || high < INT8_MAX) && count > 0; --count, ++y) {
    *y = (int8_t)(*y < low ? low : *y > high ? high : *y);
  }
}

#endif
