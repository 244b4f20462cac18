/* RV32IM: blocks of sums of products of bytes, and the codes that become of them.

   A block is 4 channels x 6 pixels, which share words by threes (triples.h): a multiplication is one and a half products. All
   registers are in use, so that it is a function in assembly, one for all layers, which are structs and streams. */
#ifndef EDGEC_BLOCK_RV32IM_H
#define EDGEC_BLOCK_RV32IM_H

#include "edgec/assembly_rv32im.h"
#include "edgec/triples.h"

/* A layer's channels by fours, as a stream. Each four are
     for each tap the weights of the channels (bytes)
     for each channel multiplier, begin, shift - 32, offset (words); above the byte of the shift one of how many channels
     the next one is further on, and bit 31 in the last one
   A channel's sum, and offset, becomes (upper half of sum * multiplier + begin) >> (shift - 32), clamped. */
typedef struct {
  const int32_t *stream;
  int32_t first;    /* taps run in turns of 4: the tap that the first turn begins with */
  int32_t begin;    /* bytes of words of the first segment, with those before that tap */
  int32_t segment;  /* bytes of words of each further one */
  int32_t all;      /* bytes of words */
  int32_t out_step; /* elements from one pixel of the result to the next */
  int32_t low;      /* clamp of the code */
  int32_t high;
} edgec_block_rv32im;

#define EDGEC_RV32IM_BEGIN                                    \
  "lui s0, 0x100\n"                                           \
  "lui s1, 0x40100\n"                                         \
  ".irp sum, s2, s4, s6, s8, s10, t3, t5\n"                   \
  "mv \\sum, s0\n"                                           \
  ".endr\n"                                                   \
  ".irp sum, s3, s5, s7, s9, s11, t4, t6\n"                   \
  "mv \\sum, s1\n"                                           \
  ".endr\n"

/* A channel's weight by the words of a tap. */
#define EDGEC_RV32IM_BY_SIX(channel, a, b, c, d)   \
  "lb t0, 4*\\tap+" #channel "(a0)\n"             \
  "mul t1, t0, a4\n"                               \
  "mul t2, t0, a5\n"                               \
  "add " a ", " a ", t1\n"                         \
  "add " b ", " b ", t2\n"                         \
  "mul t1, t0, a6\n"                               \
  "mul t0, t0, a7\n"                               \
  "add " c ", " c ", t1\n"                         \
  "add " d ", " d ", t0\n"

#define EDGEC_RV32IM_TRIPLE(first, second, third)  \
  "srli " third ", " first ", 21\n"                \
  "slli t0, " third ", 10\n"                       \
  "and " first ", " first ", s6\n"                 \
  "sub " second ", " second ", t0\n"               \
  "srli t0, " second ", 21\n"                      \
  "and " second ", " second ", s6\n"               \
  "slli t0, t0, 11\n"                              \
  "add " third ", " third ", t0\n"

#define EDGEC_RV32IM_EACH_SUM(instruction)  \
  instruction(s0, 0)                        \
  instruction(s1, 4)                        \
  instruction(a4, 8)                        \
  instruction(s2, 12)                       \
  instruction(s3, 16)                       \
  instruction(a5, 20)

#define EDGEC_RV32IM_ADD_SUM(sum, place)  \
  "lw t0, " #place "(s4)\n"               \
  "add " #sum ", " #sum ", t0\n"

#define EDGEC_RV32IM_KEEP_SUM(sum, place) "sw " #sum ", " #place "(s4)\n"

/* (upper half of sum * multiplier + begin) >> shift, clamped. */
#define EDGEC_RV32IM_CODE(sum, place)  \
  "add " #sum ", " #sum ", t6\n"       \
  "mulh t0, " #sum ", t3\n"            \
  "add t0, t0, t4\n"                   \
  "sra t0, t0, t5\n"                   \
  "bge t0, s10, 7f\n"                  \
  "mv t0, s10\n"                       \
  "7:\n"                               \
  "bge s11, t0, 8f\n"                  \
  "mv t0, s11\n"                       \
  "8:\n"                               \
  "sb t0, 0(a3)\n"                     \
  "add a3, a3, s9\n"

/* 6 pixels of all channels. `words`: for each tap four. 40 instructions for each tap, 24 products.
   a0: stream, a1: words, a2: the segment's end, a4-a7: words, t0: weight, t1, t2: products; s0-s11, t3-t6: sums, four words of
   each channel. The stack: 0: y, 4: words, 8: their end, 12: where to begin, 16: segment, 20: the first segment's end, 24: bytes
   of weights before the first tap, 28: whether there are sums, 32: op, 48: sums in words, 96: sums. */
EDGEC_ASSEMBLY void edgec_block_6x4_rv32im(EDGEC_ARGUMENT const void *op, EDGEC_ARGUMENT const int32_t *words,
                                           EDGEC_ARGUMENT int8_t *y)
{
  __asm__(EDGEC_RV32IM_ENTER(256, 204)
          "lw a4, 4(a0)\n"
          "lw a5, 8(a0)\n"
          "lw a6, 12(a0)\n"
          "lw a7, 16(a0)\n"
          "sw a0, 32(sp)\n"
          "sw a2, 0(sp)\n"
          "slli a4, a4, 2\n"
          "sw a4, 24(sp)\n"
          "lla t1, 5f\n"
          "add t1, t1, a4\n"
          "sw t1, 12(sp)\n"
          "slli a4, a4, 2\n"
          "sub a1, a1, a4\n"
          "sw a1, 4(sp)\n"
          "add a7, a7, a1\n"
          "sw a7, 8(sp)\n"
          "sw a6, 16(sp)\n"
          "add a5, a5, a1\n"
          "sw a5, 20(sp)\n"
          "lw a0, 0(a0)\n"
          /* Four channels. */
          "1:\n"
          "lw a1, 4(sp)\n"
          "lw t0, 24(sp)\n"
          "lw a2, 20(sp)\n"
          "lw t1, 12(sp)\n"
          "sub a0, a0, t0\n"
          "sw zero, 28(sp)\n"
          EDGEC_RV32IM_BEGIN
          "jr t1\n"
          ".option push\n"
          ".option norvc\n"
          ".option norelax\n"
          ".p2align 2\n"
          "5:\n"
          ".irp tap, 0, 1, 2, 3\n"
          "j 6\\tap\\()f\n"
          ".endr\n"
          ".option pop\n"
          ".irp tap, 0, 1, 2, 3\n"
          "6\\tap:\n"
          "lw a4, 16*\\tap(a1)\n"
          "lw a5, 16*\\tap+4(a1)\n"
          "lw a6, 16*\\tap+8(a1)\n"
          "lw a7, 16*\\tap+12(a1)\n"
          EDGEC_RV32IM_BY_SIX(0, "s0", "s1", "s2", "s3")
          EDGEC_RV32IM_BY_SIX(1, "s4", "s5", "s6", "s7")
          EDGEC_RV32IM_BY_SIX(2, "s8", "s9", "s10", "s11")
          EDGEC_RV32IM_BY_SIX(3, "t3", "t4", "t5", "t6")
          ".endr\n"
          "addi a1, a1, 64\n"
          "addi a0, a0, 16\n"
          "bne a1, a2, 60b\n"
          /* The end of a segment, channel by channel. */
          ".set edgec_place, 48\n"
          ".irp sum, s4, s5, s6, s7, s8, s9, s10, s11, t3, t4, t5, t6\n"
          "sw \\sum, edgec_place(sp)\n"
          ".set edgec_place, edgec_place + 4\n"
          ".endr\n"
          "lw a6, 32(sp)\n"
          "lw a3, 0(sp)\n"
          "lw a7, 8(sp)\n"
          "addi s4, sp, 96\n"
          "addi s5, sp, 48\n"
          "addi s8, sp, 192\n"
          "lui s6, 0x200\n"
          "addi s6, s6, -1\n"
          "lw s7, 28(sp)\n"
          "lw s9, 20(a6)\n"
          "lw s10, 24(a6)\n"
          "lw s11, 28(a6)\n"
          "slli a6, s9, 1\n"
          "add a6, a6, s9\n"
          "slli a6, a6, 1\n" /* from behind the last pixel to the first */
          "j 4f\n"
          "3:\n"
          "lw s0, 0(s5)\n"
          "lw s1, 4(s5)\n"
          "lw s2, 8(s5)\n"
          "lw s3, 12(s5)\n"
          "addi s5, s5, 16\n"
          "4:\n"
          EDGEC_RV32IM_TRIPLE("s0", "s1", "a4")
          EDGEC_RV32IM_TRIPLE("s2", "s3", "a5")
          "beqz s7, 2f\n"
          EDGEC_RV32IM_EACH_SUM(EDGEC_RV32IM_ADD_SUM)
          "2:\n"
          "beq a1, a7, 2f\n"
          EDGEC_RV32IM_EACH_SUM(EDGEC_RV32IM_KEEP_SUM)
          "addi s4, s4, 24\n"
          "bne s4, s8, 3b\n"
          "lw t0, 16(sp)\n"
          "sw a2, 28(sp)\n"
          "add a2, a2, t0\n"
          EDGEC_RV32IM_BEGIN
          "j 60b\n"
          /* Codes. */
          "2:\n"
          "lw t3, 0(a0)\n"
          "lw t4, 4(a0)\n"
          "lw t5, 8(a0)\n"
          "lw t6, 12(a0)\n"
          "addi a0, a0, 16\n"
          EDGEC_RV32IM_EACH_SUM(EDGEC_RV32IM_CODE)
          "slli t0, t5, 16\n"
          "srai t0, t0, 24\n"
          "sub a3, a3, a6\n"
          "addi s4, s4, 24\n"
          "add a3, a3, t0\n"
          "bne s4, s8, 3b\n"
          "sw a3, 0(sp)\n"
          "bgez t5, 1b\n"
          EDGEC_RV32IM_LEAVE(256, 204));
}

/* An element of three pixels as two words. */
#define EDGEC_RV32IM_PACK(a, b, c, place, i)  \
  "lb t1, " i "(" c ")\n"                     \
  "lb t2, " i "(" a ")\n"                     \
  "lb t3, " i "(" b ")\n"                     \
  "slli t1, t1, 10\n"                         \
  "add t3, t3, t1\n"                          \
  "slli t1, t1, 11\n"                         \
  "add t2, t2, t1\n"                          \
  "sw t2, 16*" i "+" place "(a2)\n"           \
  "sw t3, 16*" i "+4+" place "(a2)\n"

#define EDGEC_RV32IM_PACK_SIX(i)                     \
  EDGEC_RV32IM_PACK("a3", "a4", "a5", "0", i)        \
  EDGEC_RV32IM_PACK("a6", "a7", "t0", "8", i)

#define EDGEC_RV32IM_PACKED(count)                   \
  ".irp pixel, a3, a4, a5, a6, a7, t0\n"             \
  "addi \\pixel, \\pixel, " #count "\n"             \
  ".endr\n"                                          \
  "addi a2, a2, 16*" #count "\n"

/* `count` elements of 6 pixels as words, four for each; returns the place behind them. */
EDGEC_ASSEMBLY int32_t *edgec_pack_6_rv32im(EDGEC_ARGUMENT const int8_t *const *pixels, EDGEC_ARGUMENT int32_t count,
                                            EDGEC_ARGUMENT int32_t *words)
{
  __asm__("lw a3, 0(a0)\n"
          "lw a4, 4(a0)\n"
          "lw a5, 8(a0)\n"
          "lw a6, 12(a0)\n"
          "lw a7, 16(a0)\n"
          "lw t0, 20(a0)\n"
          "srai t4, a1, 2\n"
          "slli a1, a1, 4\n"
          "add a1, a1, a2\n" /* the end */
          "slli t4, t4, 6\n"
          "add t4, t4, a2\n" /* the end of fours */
          "beq t4, a2, 2f\n"
          "1:\n"
          ".irp i, 0, 1, 2, 3\n"
          EDGEC_RV32IM_PACK_SIX("\\i")
          ".endr\n"
          EDGEC_RV32IM_PACKED(4)
          "bne t4, a2, 1b\n"
          "2:\n"
          "beq a1, a2, 3f\n"
          EDGEC_RV32IM_PACK_SIX("0")
          EDGEC_RV32IM_PACKED(1)
          "j 2b\n"
          "3:\n"
          "mv a0, a2\n"
          "ret\n");
}

#endif
