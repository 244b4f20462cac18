/* Depthwise 3x3 convolution of bytes on RV32IM, where the input lies: no row is copied, for padding or otherwise.

   Outputs are computed in lines, along a row or along a column, one channel after the other: 9 weights and the sums of the
   outputs in sight stay in registers, and each element of the input is loaded once a line. Padding beside a line is
   weights of 0 and a bias that has it; padding at its ends is what the first sum begins at, and what the last one gets. */
#ifndef EDGEC_DEPTHWISE_RV32IM_H
#define EDGEC_DEPTHWISE_RV32IM_H

#include "edgec/assembly_rv32im.h"

/* A layer's channels, as a stream: bias, multiplier (words), 9 weights, in threes across the line, shift - 32 (bytes), 2
   bytes of nothing. */
typedef struct {
  const int32_t *stream;
  int32_t channels;
  int32_t pixel;     /* from one element to the next along a line */
  int32_t out_pixel; /* of the result */
  int32_t rewind;    /* from where a line's input ends back to its beginning, and on to the next channel */
  int32_t x_zero;
  int32_t rounding; /* 2 * the result's zero point + 1 */
  int32_t low;      /* clamp of the code */
  int32_t high;
  int32_t before; /* whether padding is in the first window of a line, at most one element */
  int32_t behind; /* whether it is in the last one */
  int32_t count;  /* outputs of a line, at least 2 */
  int32_t lines;
  int32_t across;      /* lines of the input */
  int32_t line;        /* from one to the next */
  int32_t out_line;    /* of the result */
  int32_t line_stride; /* lines of the input from one window to the next */
  int32_t line_pad;    /* lines of padding before the first */
} edgec_depthwise_rv32im;

/* a0: stream; a1-a3: input; a4: element; a5: y, a6: from one to the next; a7: from one element to the next; s0-s8: weights,
   s9: bias, s10: multiplier, s11: begin, t4: shift, t5, t6: clamp; t0: product; t1: the sum that is finished, t2, t3: the
   next ones; ra: where y ends. The stack: op, inputs, y, lines that are there, channels, whether the end is padding. */

#define EDGEC_RV32IM_NEXT(place) \
  "lb a4, 0(" place ")\n"        \
  "add " place ", " place ", a7\n"

/* One element of a line by a weight: to = from + product; the last use of the element. */
#define EDGEC_RV32IM_BY(weight, to, from) \
  "mul t0, " weight ", a4\n"              \
  "add " to ", " from ", t0\n"

/* Three elements across the line by the first weights, the sum beginning at the bias. */
#define EDGEC_RV32IM_FIRST(sum)      \
  EDGEC_RV32IM_NEXT("a1")            \
  EDGEC_RV32IM_BY("s0", sum, "s9")   \
  EDGEC_RV32IM_NEXT("a2")            \
  EDGEC_RV32IM_BY("s3", sum, sum)    \
  EDGEC_RV32IM_NEXT("a3")            \
  EDGEC_RV32IM_BY("s6", sum, sum)

/* By the middle weights. */
#define EDGEC_RV32IM_MIDDLE(sum)   \
  EDGEC_RV32IM_NEXT("a1")          \
  EDGEC_RV32IM_BY("s1", sum, sum)  \
  EDGEC_RV32IM_NEXT("a2")          \
  EDGEC_RV32IM_BY("s4", sum, sum)  \
  EDGEC_RV32IM_NEXT("a3")          \
  EDGEC_RV32IM_BY("s7", sum, sum)

/* Padding by three weights. */
#define EDGEC_RV32IM_PADDING(w0, w1, w2, to, from) \
  "lw a4, 0(sp)\n"                                 \
  "add t0, " w0 ", " w1 "\n"                       \
  "lw a4, 20(a4)\n"                                \
  "add t0, t0, " w2 "\n"                           \
  "mul t0, t0, a4\n"                               \
  "add " to ", " from ", t0\n"

/* The weights of a line beyond the input. */
#define EDGEC_RV32IM_BEYOND(bit, w0, w1, w2)           \
  "andi t1, t0, " bit "\n"                             \
  "beqz t1, 7f\n"                                      \
  EDGEC_RV32IM_PADDING(w0, w1, w2, "s9", "s9")         \
  "li " w0 ", 0\n"                                     \
  "li " w1 ", 0\n"                                     \
  "li " w2 ", 0\n"                                     \
  "lw t0, 20(sp)\n"                                    \
  "7:\n"

#define EDGEC_RV32IM_LINE_BEGIN                                  \
  EDGEC_RV32IM_ENTER(80, 28)                                     \
  "sw a0, 0(sp)\n"                                               \
  "sw a3, 4(sp)\n"                                               \
  "sw a4, 20(sp)\n"                                              \
  "mv a5, a2\n"                                                  \
  "lw a3, 8(a1)\n"                                               \
  "lw a2, 4(a1)\n"                                               \
  "lw a1, 0(a1)\n"                                               \
  "lw t0, 4(a0)\n"                                               \
  "lw a7, 8(a0)\n"                                               \
  "lw a6, 12(a0)\n"                                              \
  "lw t5, 28(a0)\n"                                              \
  "lw t6, 32(a0)\n"                                              \
  "lw a0, 0(a0)\n"                                               \
  "sw t0, 16(sp)\n"                                              \
  /* A channel. */                                               \
  "1:\n"                                                         \
  "lw t1, 0(sp)\n"                                               \
  "lw s9, 0(a0)\n"                                               \
  "lw s10, 4(a0)\n"                                              \
  "lb s0, 8(a0)\n"                                               \
  "lb s1, 9(a0)\n"                                               \
  "lb s2, 10(a0)\n"                                              \
  "lb s3, 11(a0)\n"                                              \
  "lb s4, 12(a0)\n"                                              \
  "lb s5, 13(a0)\n"                                              \
  "lb s6, 14(a0)\n"                                              \
  "lb s7, 15(a0)\n"                                              \
  "lb s8, 16(a0)\n"                                              \
  "lbu t4, 17(a0)\n"                                             \
  "lw s11, 24(t1)\n"                                             \
  "addi a0, a0, 20\n"                                            \
  "addi t0, t4, -1\n"                                            \
  "sll s11, s11, t0\n"                                           \
  "lw t0, 20(sp)\n"                                              \
  "lw ra, 4(sp)\n"                                               \
  "lw t2, 36(t1)\n" /* before */                                 \
  "lw t3, 40(t1)\n" /* behind */                                 \
  "beqz t0, 2f\n"                                                \
  EDGEC_RV32IM_BEYOND("1", "s0", "s1", "s2")                     \
  EDGEC_RV32IM_BEYOND("2", "s3", "s4", "s5")                     \
  EDGEC_RV32IM_BEYOND("4", "s6", "s7", "s8")                     \
  "2:\n"                                                         \
  "sw t3, 24(sp)\n"                                              \
  "beqz t2, 3f\n"                                                \
  EDGEC_RV32IM_PADDING("s0", "s3", "s6", "t2", "s9")             \
  "j 4f\n"                                                       \
  "3:\n"                                                         \
  EDGEC_RV32IM_FIRST("t2")                                       \
  "4:\n"

/* t1 as a code, and on to the next output of the line, the end of the line, and the next channel. */
#define EDGEC_RV32IM_LINE_END                                    \
  "mulh t1, t1, s10\n"                                           \
  "add t1, t1, s11\n"                                            \
  "sra t1, t1, t4\n"                                             \
  "bge t1, t5, 7f\n"                                             \
  "mv t1, t5\n"                                                  \
  "7:\n"                                                         \
  "bge t6, t1, 8f\n"                                             \
  "mv t1, t6\n"                                                  \
  "8:\n"                                                         \
  "sb t1, 0(a5)\n"                                               \
  "add a5, a5, a6\n"                                             \
  "bne a5, ra, 5b\n"                                             \
  "lw t0, 24(sp)\n"                                              \
  "beqz t0, 9f\n"                                                \
  /* The last window has padding. */                             \
  "sw zero, 24(sp)\n"

#define EDGEC_RV32IM_LINE_NEXT                                   \
  EDGEC_RV32IM_PADDING("s2", "s5", "s8", "t1", "t2")             \
  "add ra, ra, a6\n"                                             \
  "j 6b\n"                                                       \
  "9:\n"                                                         \
  "lw t0, 0(sp)\n"                                               \
  "lw t1, 16(sp)\n"                                              \
  "lw t2, 16(t0)\n"                                              \
  "lw t3, 4(sp)\n"                                               \
  "lw a5, 8(sp)\n"                                               \
  "addi t1, t1, -1\n"                                            \
  "add a1, a1, t2\n"                                             \
  "add a2, a2, t2\n"                                             \
  "add a3, a3, t2\n"                                             \
  "addi t3, t3, 1\n"                                             \
  "addi a5, a5, 1\n"                                             \
  "sw t1, 16(sp)\n"                                              \
  "sw t3, 4(sp)\n"                                               \
  "sw a5, 8(sp)\n"                                               \
  "bnez t1, 1b\n"                                                \
  EDGEC_RV32IM_LEAVE(80, 28)

/* A line of all channels: `x` are the places where the three lines of input begin, `beyond` says by its bits which of them
   are padding; `end`: where y ends but for the last output where that sees padding. */
EDGEC_ASSEMBLY void edgec_depthwise_line_rv32im(EDGEC_ARGUMENT const edgec_depthwise_rv32im *op,
                                                EDGEC_ARGUMENT const int8_t *const *x, EDGEC_ARGUMENT int8_t *y,
                                                EDGEC_ARGUMENT const int8_t *end, EDGEC_ARGUMENT int32_t beyond)
{
  __asm__(EDGEC_RV32IM_LINE_BEGIN
          "sw a5, 8(sp)\n"
          EDGEC_RV32IM_NEXT("a1")
          EDGEC_RV32IM_BY("s1", "t2", "t2")
          EDGEC_RV32IM_BY("s0", "t3", "s9")
          EDGEC_RV32IM_NEXT("a2")
          EDGEC_RV32IM_BY("s4", "t2", "t2")
          EDGEC_RV32IM_BY("s3", "t3", "t3")
          EDGEC_RV32IM_NEXT("a3")
          EDGEC_RV32IM_BY("s7", "t2", "t2")
          EDGEC_RV32IM_BY("s6", "t3", "t3")
          "5:\n"
          EDGEC_RV32IM_NEXT("a1")
          EDGEC_RV32IM_BY("s2", "t1", "t2")
          EDGEC_RV32IM_BY("s1", "t2", "t3")
          EDGEC_RV32IM_BY("s0", "t3", "s9")
          EDGEC_RV32IM_NEXT("a2")
          EDGEC_RV32IM_BY("s5", "t1", "t1")
          EDGEC_RV32IM_BY("s4", "t2", "t2")
          EDGEC_RV32IM_BY("s3", "t3", "t3")
          EDGEC_RV32IM_NEXT("a3")
          EDGEC_RV32IM_BY("s8", "t1", "t1")
          EDGEC_RV32IM_BY("s7", "t2", "t2")
          EDGEC_RV32IM_BY("s6", "t3", "t3")
          "6:\n"
          EDGEC_RV32IM_LINE_END
          EDGEC_RV32IM_LINE_NEXT);
}

/* The same with windows two elements apart. */
EDGEC_ASSEMBLY void edgec_depthwise_line2_rv32im(EDGEC_ARGUMENT const edgec_depthwise_rv32im *op,
                                                 EDGEC_ARGUMENT const int8_t *const *x, EDGEC_ARGUMENT int8_t *y,
                                                 EDGEC_ARGUMENT const int8_t *end, EDGEC_ARGUMENT int32_t beyond)
{
  __asm__(EDGEC_RV32IM_LINE_BEGIN
          "sw a5, 8(sp)\n"
          "5:\n"
          EDGEC_RV32IM_MIDDLE("t2")
          EDGEC_RV32IM_NEXT("a1")
          EDGEC_RV32IM_BY("s2", "t1", "t2")
          EDGEC_RV32IM_BY("s0", "t2", "s9")
          EDGEC_RV32IM_NEXT("a2")
          EDGEC_RV32IM_BY("s5", "t1", "t1")
          EDGEC_RV32IM_BY("s3", "t2", "t2")
          EDGEC_RV32IM_NEXT("a3")
          EDGEC_RV32IM_BY("s8", "t1", "t1")
          EDGEC_RV32IM_BY("s6", "t2", "t2")
          "6:\n"
          EDGEC_RV32IM_LINE_END
          EDGEC_RV32IM_MIDDLE("t2")
          EDGEC_RV32IM_LINE_NEXT);
}

EDGEC_BLOCK_KERNEL void edgec_depthwise_rv32im_i8(const edgec_depthwise_rv32im *op, int32_t stride, const int8_t *x, int8_t *y)
{
  const int8_t *const end = y + (op->count - op->behind) * op->out_pixel;
  for (int32_t i = 0; i < op->lines; ++i) {
    const int8_t *places[3];
    int32_t beyond = 0;
    for (int32_t k = 0; k < 3; ++k) {
      const int32_t place = i * op->line_stride - op->line_pad + k;
      const int32_t inside = place >= 0 && place < op->across;
      places[k] = x + (inside ? place * op->line : 0);
      beyond |= inside ? 0 : 1 << k;
    }
    (stride == 1 ? edgec_depthwise_line_rv32im : edgec_depthwise_line2_rv32im)(
        op, places, y + i * op->out_line, end + i * op->out_line, beyond);
  }
}

#endif
