/* Dense layers of few pixels of bytes on RV32IM: 1 pixel x 16 channels. */
#ifndef EDGEC_DENSE_RV32IM_H
#define EDGEC_DENSE_RV32IM_H

#include "edgec/assembly_rv32im.h"

/* A layer's channels by 16, as a stream. Each 16 are
     16 biases (words), for each tap 16 weights (bytes), 16 multipliers (words), 16 shifts, less 33 (bytes),
     how many channels the next ones are further on, 0 where there are none (word)
   Where the number of channels is no multiple of 16 the last ones are the last 16; where there are fewer, the others are
   computed for nothing. */
typedef struct {
  const int32_t *stream;
  int32_t in_channels;
  int32_t first;        /* of the eight taps of a turn: the one that the first turn begins with */
  int32_t out_channels;
  int32_t rounding; /* 2 * the result's zero point + 1 */
  int32_t low;      /* clamp of the code */
  int32_t high;
} edgec_dense_rv32im;

#define EDGEC_RV32IM_TWO(i, sum, j, more)  \
  "lb t0, 16*\\tap+" #i "(a0)\n"           \
  "lb t1, 16*\\tap+" #j "(a0)\n"           \
  "mul t0, t0, a4\n"                       \
  "mul t1, t1, a4\n"                       \
  "add " sum ", " sum ", t0\n"             \
  "add " more ", " more ", t1\n"

/* One pixel; y has room for 16 channels at least. 49 instructions for each tap and 16 channels. */
EDGEC_ASSEMBLY void edgec_dense_16_rv32im(EDGEC_ARGUMENT const int32_t *stream, EDGEC_ARGUMENT const int8_t *x,
                                          EDGEC_ARGUMENT int8_t *y, EDGEC_ARGUMENT const edgec_dense_rv32im *op)
{
  __asm__(EDGEC_RV32IM_ENTER(64, 12)
          "sw a1, 0(sp)\n"
          "lw a4, 4(a3)\n"
          "add t2, a1, a4\n" /* the end of the taps */
          "1:\n"
          "lw a1, 0(sp)\n"
          "lw t0, 8(a3)\n"
          ".set edgec_n, 0\n"
          ".irp sum, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, t3, t4, t5, t6\n"
          "lw \\sum, 4*edgec_n(a0)\n"
          ".set edgec_n, edgec_n + 1\n"
          ".endr\n"
          "sub a1, a1, t0\n"
          "slli a4, t0, 4\n"
          "addi a0, a0, 64\n"
          "sub a0, a0, a4\n"
          "lla t1, 5f\n"
          "slli t0, t0, 2\n"
          "add t1, t1, t0\n"
          "jr t1\n"
          ".option push\n"
          ".option norvc\n"
          ".option norelax\n"
          ".p2align 2\n"
          "5:\n"
          ".irp tap, 0, 1, 2, 3, 4, 5\n"
          "j 6\\tap\\()f\n"
          ".endr\n"
          ".option pop\n"
          ".irp tap, 0, 1, 2, 3, 4, 5\n"
          "6\\tap:\n"
          "lb a4, \\tap(a1)\n"
          EDGEC_RV32IM_TWO(0, "s0", 1, "s1")
          EDGEC_RV32IM_TWO(2, "s2", 3, "s3")
          EDGEC_RV32IM_TWO(4, "s4", 5, "s5")
          EDGEC_RV32IM_TWO(6, "s6", 7, "s7")
          EDGEC_RV32IM_TWO(8, "s8", 9, "s9")
          EDGEC_RV32IM_TWO(10, "s10", 11, "s11")
          EDGEC_RV32IM_TWO(12, "t3", 13, "t4")
          EDGEC_RV32IM_TWO(14, "t5", 15, "t6")
          ".endr\n"
          "addi a1, a1, 6\n"
          "addi a0, a0, 96\n"
          "bne a1, t2, 60b\n"
          "lw a7, 16(a3)\n"
          "lw a5, 20(a3)\n"
          "lw a6, 24(a3)\n"
          /* (upper half of sum * multiplier >> (shift - 33)) + rounding, half of that, clamped. */
          ".set edgec_n, 0\n"
          ".irp sum, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, t3, t4, t5, t6\n"
          "lw t0, 4*edgec_n(a0)\n"
          "lbu t1, 64+edgec_n(a0)\n"
          "mulh t0, \\sum, t0\n"
          "sra t0, t0, t1\n"
          "add t0, t0, a7\n"
          "srai t0, t0, 1\n"
          "bge t0, a5, 7f\n"
          "mv t0, a5\n"
          "7:\n"
          "bge a6, t0, 8f\n"
          "mv t0, a6\n"
          "8:\n"
          "sb t0, edgec_n(a2)\n"
          ".set edgec_n, edgec_n + 1\n"
          ".endr\n"
          "lw t0, 80(a0)\n"
          "addi a0, a0, 84\n"
          "add a2, a2, t0\n"
          "bnez t0, 1b\n"
          EDGEC_RV32IM_LEAVE(64, 12));
}

EDGEC_BLOCK_KERNEL void edgec_dense_rv32im_i8(const edgec_dense_rv32im *op, int32_t pixels, const int8_t *x, int8_t *y)
{
  for (; pixels > 0; --pixels, x += op->in_channels, y += op->out_channels) {
    int8_t few[16];
    int8_t *const to = op->out_channels < 16 ? few : y;
    edgec_dense_16_rv32im(op->stream, x, to, op);
    for (int32_t c = 0; to != y && c < op->out_channels; ++c) {
      y[c] = few[c];
    }
  }
}

#endif
