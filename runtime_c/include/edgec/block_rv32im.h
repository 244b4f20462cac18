/* RV32IM: blocks of sums of products of bytes, and the codes that become of them.

   One multiplication is two products: the same weight by two pixels a, b that share a word a + 65536 * b. The sum of such
   products is A + 65536 * B, and both are known as long as A and B are within 16 bits. Code generation cuts each channel's
   weights into segments for which it proves that; at the end of a segment, with T = A + 65536 * B,
     B = (T + 32768) >> 16 is added to b's sum, and T to a's, from which 65536 * (b's sum) is taken off in the end.
   Sums wrap around on the way, and fit 32 bits in the end.

   A block is 2 channels x 6 pixels. All registers are in use, so that it is a function in assembly, one for all layers,
   which are structs and streams of bytes. */
#ifndef EDGEC_BLOCK_RV32IM_H
#define EDGEC_BLOCK_RV32IM_H

#include "edgec/assembly_rv32im.h"

/* A layer's channels in pairs, as a stream. Each pair is
     bias0, bias1 (words)
     for each segment of n taps, at most 12: a byte 12 * n, then for each tap the weights of both channels
     a byte 0, and up to 3 more, to where a word can lie
     multiplier0, multiplier1 (words), shift0 - 32, shift1 - 32, how many channels the next pair is further on, and
     whether there is a next one (bytes) */
typedef struct {
  const int32_t *stream;
  int32_t out_step; /* elements from one pixel of the result to the next */
  int32_t rounding; /* 2 * the result's zero point + 1 */
  int32_t low;      /* clamp of the code */
  int32_t high;
} edgec_block_rv32im;

/* a0: stream, a1: words, a2, a3: weights, a4, a5: words, t0: product, t1: way table, t2: 32768; t3-t5 (channel 0), t6, a6,
   a7 (channel 1): the sums of a segment; s0-s2, s3-s5: sums of pixels 0, 2, 4, s6-s8, s9-s11: of 1, 3, 5. */

#define EDGEC_RV32IM_DRAIN(sum, a, b) \
  "add t0, " sum ", t2\n"             \
  "srai t0, t0, 16\n"                 \
  "add " b ", " b ", t0\n"            \
  "add " a ", " a ", " sum "\n"

#define EDGEC_RV32IM_SPLIT(a, b) \
  "slli t0, " b ", 16\n"         \
  "sub " a ", " a ", t0\n"

/* (upper half of sum * multiplier + begin) >> shift, clamped. */
#define EDGEC_RV32IM_CODE(sum, multiplier, begin, shift, place) \
  "mulh t0, " sum ", " multiplier "\n"                          \
  "add t0, t0, " begin "\n"                                     \
  "sra t0, t0, " shift "\n"                                     \
  "bge t0, a6, 7f\n"                                            \
  "mv t0, a6\n"                                                 \
  "7:\n"                                                        \
  "bge a7, t0, 8f\n"                                            \
  "mv t0, a7\n"                                                 \
  "8:\n"                                                        \
  "sb t0, " place "(a2)\n"

#define EDGEC_RV32IM_CODES(sum0, sum1)              \
  EDGEC_RV32IM_CODE(sum0, "a4", "t5", "t3", "0")    \
  EDGEC_RV32IM_CODE(sum1, "a5", "t6", "t4", "1")

/* 6 pixels of all channels. `words`: for each tap three, of pixels 0 and 1, 2 and 3, 4 and 5. A pixel of y is op->out_step
   behind the one before. 17 instructions per tap, 12 products, and 25 more in each segment. */
EDGEC_ASSEMBLY void edgec_block_6x2_rv32im(EDGEC_ARGUMENT const int32_t *stream, EDGEC_ARGUMENT const int32_t *words,
                                           EDGEC_ARGUMENT int8_t *y, EDGEC_ARGUMENT const edgec_block_rv32im *op)
{
  __asm__(EDGEC_RV32IM_ENTER(64, 12)
          "sw a1, 0(sp)\n"
          "sw a2, 4(sp)\n"
          "sw a3, 8(sp)\n"
          "lla t1, 5f - 12\n"
          "lui t2, 8\n"
          /* A pair of channels. */
          "1:\n"
          "lw s6, 0(a0)\n"
          "lw s9, 4(a0)\n"
          "lw a1, 0(sp)\n"
          "addi a0, a0, 8\n"
          "slli s0, s6, 16\n"
          "slli s3, s9, 16\n"
          "add s0, s0, s6\n"
          "add s3, s3, s9\n"
          "mv s1, s0\n"
          "mv s2, s0\n"
          "mv s4, s3\n"
          "mv s5, s3\n"
          "mv s7, s6\n"
          "mv s8, s6\n"
          "mv s10, s9\n"
          "mv s11, s9\n"
          "j 2f\n"
          ".option push\n"
          ".option norvc\n"
          ".option norelax\n"
          ".p2align 2\n"
          "5:\n"
          /* After the first of n taps, 12 bytes each. */
          ".irp taps, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12\n"
          "addi a0, a0, 1+2*\\taps\n"
          "addi a1, a1, 12*\\taps\n"
          "j 6\\taps\\()f\n"
          ".endr\n"
          ".option pop\n"
          "612:\n"
          /* Taps by how far they are before where stream and words are already. */
          ".irp tap, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1\n"
          "lb a2, -2*\\tap(a0)\n"
          "lb a3, 1-2*\\tap(a0)\n"
          "lw a4, -12*\\tap(a1)\n"
          "lw a5, 4-12*\\tap(a1)\n"
          "mul t0, a2, a4\n"
          "mul a4, a3, a4\n"
          "add t3, t3, t0\n"
          "add t6, t6, a4\n"
          "lw a4, 8-12*\\tap(a1)\n"
          "mul t0, a2, a5\n"
          "mul a5, a3, a5\n"
          "add t4, t4, t0\n"
          "add a6, a6, a5\n"
          "mul a2, a2, a4\n"
          "mul a3, a3, a4\n"
          "add t5, t5, a2\n"
          "add a7, a7, a3\n"
          "6\\tap:\n"
          ".endr\n"
          EDGEC_RV32IM_DRAIN("t3", "s0", "s6")
          EDGEC_RV32IM_DRAIN("t4", "s1", "s7")
          EDGEC_RV32IM_DRAIN("t5", "s2", "s8")
          EDGEC_RV32IM_DRAIN("t6", "s3", "s9")
          EDGEC_RV32IM_DRAIN("a6", "s4", "s10")
          EDGEC_RV32IM_DRAIN("a7", "s5", "s11")
          /* A segment. */
          "2:\n"
          "lbu t0, 0(a0)\n"
          "beqz t0, 3f\n"
          "lb a2, 1(a0)\n"
          "lb a3, 2(a0)\n"
          "lw a4, 0(a1)\n"
          "lw a5, 4(a1)\n"
          "add t0, t0, t1\n"
          "mul t3, a2, a4\n"
          "mul t6, a3, a4\n"
          "lw a4, 8(a1)\n"
          "mul t4, a2, a5\n"
          "mul a6, a3, a5\n"
          "mul t5, a2, a4\n"
          "mul a7, a3, a4\n"
          "jr t0\n"
          /* Codes. */
          "3:\n"
          "addi a0, a0, 4\n"
          "andi a0, a0, -4\n"
          EDGEC_RV32IM_SPLIT("s0", "s6")
          EDGEC_RV32IM_SPLIT("s1", "s7")
          EDGEC_RV32IM_SPLIT("s2", "s8")
          EDGEC_RV32IM_SPLIT("s3", "s9")
          EDGEC_RV32IM_SPLIT("s4", "s10")
          EDGEC_RV32IM_SPLIT("s5", "s11")
          "lw a4, 8(sp)\n"
          "lw a2, 4(sp)\n"
          "lbu t3, 8(a0)\n"
          "lbu t4, 9(a0)\n"
          "lw a3, 4(a4)\n"
          "lw t0, 8(a4)\n"
          "lw a6, 12(a4)\n"
          "lw a7, 16(a4)\n"
          "addi t5, t3, -1\n"
          "addi t6, t4, -1\n"
          "lw a4, 0(a0)\n"
          "lw a5, 4(a0)\n"
          "sll t5, t0, t5\n"
          "sll t6, t0, t6\n"
          EDGEC_RV32IM_CODES("s0", "s3")
          "add a2, a2, a3\n"
          EDGEC_RV32IM_CODES("s6", "s9")
          "add a2, a2, a3\n"
          EDGEC_RV32IM_CODES("s1", "s4")
          "add a2, a2, a3\n"
          EDGEC_RV32IM_CODES("s7", "s10")
          "add a2, a2, a3\n"
          EDGEC_RV32IM_CODES("s2", "s5")
          "add a2, a2, a3\n"
          EDGEC_RV32IM_CODES("s8", "s11")
          "lbu a4, 10(a0)\n"
          "lw a2, 4(sp)\n"
          "lbu a5, 11(a0)\n"
          "addi a0, a0, 12\n"
          "add a2, a2, a4\n"
          "sw a2, 4(sp)\n"
          "bnez a5, 1b\n"
          EDGEC_RV32IM_LEAVE(64, 12));
}

/* `count` elements of 6 pixels as words of two; returns the place behind them. */
EDGEC_FUNCTION int32_t *edgec_pair_6_rv32im(const int8_t *const *pixels, int32_t count, int32_t *words)
{
  const int8_t *a = pixels[0];
  const int8_t *b = pixels[1];
  const int8_t *c = pixels[2];
  const int8_t *d = pixels[3];
  const int8_t *e = pixels[4];
  const int8_t *f = pixels[5];
  EDGEC_UNROLL(4)
  for (int32_t i = 0; i < count; ++i) {
    *words++ = a[i] + b[i] * 65536;
    *words++ = c[i] + d[i] * 65536;
    *words++ = e[i] + f[i] * 65536;
  }
  return words;
}

#endif
