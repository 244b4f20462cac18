/* Depthwise 3x3 convolution of bytes with the DSP extension, of stride 1 or 2: four channels at a time.

   Rows of input are taken by twos: a plane has a word for each column and channel, the two rows' elements as halfwords. A
   window is 3 columns of two neighbouring planes, so that SMLAD takes two rows of a column at once. With stride 1 a block is
   2 x 2 outputs: of 4 rows the upper output sees the first three, the lower one the others. */
#ifndef EDGEC_DEPTHWISE_3X3_DSP_H
#define EDGEC_DEPTHWISE_3X3_DSP_H

#include "edgec/block_dsp.h"
#include "edgec/strips.h"

/* What the loops of a layer need; in bytes but `width` and `turns`. */
typedef struct {
  int32_t plane; /* from one plane to the next */
  int32_t width; /* of the output, at least 2 */
  int32_t step;  /* from one output to the next, and to the next row */
  int32_t row;
  int32_t turns; /* pairs of rows of output, with stride 2 rows */
} edgec_planes_dsp;

/* One layer. `stream`: of each channel seven words: for each column of the window, whose weights are w0, w1, w2 from the
   top, the bytes w0, w1, w1, w2; bias, multiplier, begin, shift - 32 (block_dsp.h). */
typedef struct {
  const uint32_t *stream;
  int32_t channels; /* at least 4; where they are no multiple of 4 the last four are the last 4 */
  int32_t first;    /* columns of a row that are taken, with padding around them */
  int32_t count;
  int32_t before;
  int32_t behind;
  int32_t out_width;
  int32_t x_zero;
  int32_t low; /* clamp of the code */
  int32_t high;
} edgec_depthwise_3x3_dsp;

#define EDGEC_DSP_PLANE_COLUMN              \
  "sxtb16 r8, r6\n"                         \
  "sxtb16 r12, r7\n"                        \
  "pkhbt r9, r8, r12, lsl #16\n"            \
  "pkhtb r11, r12, r8, asr #16\n"           \
  "sxtb16 r6, r6, ror #8\n"                 \
  "sxtb16 r7, r7, ror #8\n"                 \
  "pkhbt r10, r6, r7, lsl #16\n"            \
  "pkhtb r12, r7, r6, asr #16\n"            \
  "stm r2!, {r9-r12}\n"

/* Four channels of `columns` columns, at least 1, of two rows into a plane. steps: from one column to the next in each row,
   in bytes. */
EDGEC_ASSEMBLY void edgec_plane_dsp(EDGEC_ARGUMENT const int8_t *upper, EDGEC_ARGUMENT const int8_t *lower,
                                    EDGEC_ARGUMENT uint32_t *plane, EDGEC_ARGUMENT int32_t columns,
                                    EDGEC_ARGUMENT int32_t upper_step, EDGEC_ARGUMENT int32_t lower_step)
{
  __asm__("push {r4-r11, lr}\n"
          "ldrd r4, r5, [sp, #36]\n"
          "lsls lr, r3, #31\n"
          "beq 1f\n"
          "ldr r6, [r0]\n"
          "ldr r7, [r1]\n"
          "add r0, r4\n"
          "add r1, r5\n"
          EDGEC_DSP_PLANE_COLUMN
          "1:\n"
          "lsrs lr, r3, #1\n"
          "beq 3f\n"
          "2:\n"
          "ldr r6, [r0]\n"
          "ldr r7, [r1]\n"
          EDGEC_DSP_PLANE_COLUMN
          "ldr r6, [r0, r4]\n"
          "ldr r7, [r1, r5]\n"
          "add r0, r0, r4, lsl #1\n"
          "add r1, r1, r5, lsl #1\n"
          EDGEC_DSP_PLANE_COLUMN
          "subs lr, lr, #1\n"
          "bne 2b\n"
          "3:\n"
          "pop {r4-r11, pc}\n");
}

/* The loops over channels, rows of output and columns, around `together`, which makes 1 << log of a row's outputs (and as
   many of the next row) from sp + 32 on, and `single`, which makes the others one by one; both leave r0 and r1 behind what
   they read and y behind what they wrote. An output's window begins 1 << step bytes behind the one before.

   The stack: sp + 0: y, step; 8: bias, twice; 16: multiplier, begin; 24: shift, row; 32: end of what goes together, its
   length, number of single ones; 44: length of all; 48: plane; 52: turns, those left; 60: stream, channels left; 68: plane
   and y of the channel.
   r0, r1: upper and lower plane; r2-r7: weights of the columns, of each w0, w1 and w1, w2. */
#define EDGEC_DSP_PLANES(log, reach, together, single, row_end)          \
  "push {r4-r11, lr}\n"                                                  \
  "sub sp, #76\n"                                                        \
  "strd r1, r2, [sp, #68]\n"                                             \
  "mov r1, #4\n"                                                         \
  "strd r0, r1, [sp, #60]\n"                                             \
  "ldm r3, {r4-r8}\n" /* plane, width, step, row, turns */               \
  "str r6, [sp, #4]\n"                                                   \
  "str r7, [sp, #28]\n"                                                  \
  "lsr r9, r5, #" log "\n"                                               \
  "lsl r9, r9, #" log " + " reach "\n"                                   \
  "and r10, r5, #(1 << " log ") - 1\n"                                   \
  "strd r9, r10, [sp, #36]\n"                                            \
  "lsl r9, r5, #" reach "\n"                                             \
  "strd r9, r4, [sp, #44]\n"                                             \
  "str r8, [sp, #52]\n"                                                  \
  "1:\n" /* a channel */                                                 \
  "ldr r12, [sp, #60]\n"                                                 \
  "ldm r12!, {r2, r4, r6, r8, r9, r10, r11}\n"                           \
  "str r12, [sp, #60]\n"                                                 \
  "sxtb16 r3, r2, ror #8\n"                                              \
  "sxtb16 r2, r2\n"                                                      \
  "sxtb16 r5, r4, ror #8\n"                                              \
  "sxtb16 r4, r4\n"                                                      \
  "sxtb16 r7, r6, ror #8\n"                                              \
  "sxtb16 r6, r6\n"                                                      \
  "str r8, [sp, #8]\n"                                                   \
  "str r8, [sp, #12]\n"                                                  \
  "strd r9, r10, [sp, #16]\n"                                            \
  "str r11, [sp, #24]\n"                                                 \
  "ldrd r0, r8, [sp, #68]\n"                                             \
  "str r8, [sp]\n"                                                       \
  "add r8, #1\n"                                                         \
  "add r9, r0, #4\n"                                                     \
  "strd r9, r8, [sp, #68]\n"                                             \
  "ldrd r8, r9, [sp, #48]\n"                                             \
  "add r1, r0, r8\n"                                                     \
  "str r9, [sp, #56]\n"                                                  \
  "2:\n" /* a row */                                                     \
  "ldrd r12, r11, [sp, #36]\n"                                           \
  "cmp r12, #0\n"                                                        \
  "beq 4f\n"                                                             \
  "add r12, r0\n"                                                        \
  "str r12, [sp, #32]\n"                                                 \
  "3:\n"                                                                 \
  together                                                               \
  "ldr r12, [sp, #32]\n"                                                 \
  "cmp r0, r12\n"                                                        \
  "bne 3b\n"                                                             \
  "ldr r11, [sp, #40]\n"                                                 \
  "4:\n"                                                                 \
  "cmp r11, #0\n"                                                        \
  "beq 6f\n"                                                             \
  "5:\n"                                                                 \
  single                                                                 \
  "subs r11, #1\n"                                                       \
  "bne 5b\n"                                                             \
  "6:\n"                                                                 \
  "ldrd r8, r12, [sp, #44]\n"                                            \
  "sub r0, r1, r8\n"                                                     \
  "add r1, r0, r12\n"                                                    \
  row_end                                                                \
  "ldr r8, [sp, #56]\n"                                                  \
  "subs r8, #1\n"                                                        \
  "str r8, [sp, #56]\n"                                                  \
  "bne 2b\n"                                                             \
  "ldr r8, [sp, #64]\n"                                                  \
  "subs r8, #1\n"                                                        \
  "str r8, [sp, #64]\n"                                                  \
  "bne 1b\n"                                                             \
  "add sp, #76\n"                                                        \
  "pop {r4-r11, pc}\n"

/* A column of the planes, at r0 and r1, which it may move; and its products, by the weights a, b, with an output, and with
   that and the one below it. Sums begin at `from`. */
#define EDGEC_DSP_COLUMN(place) \
  "ldr r12, [r0" place "\n"     \
  "ldr lr, [r1" place "\n"

#define EDGEC_DSP_ONE(to, a, b, from)    \
  "smlad " to ", " a ", r12, " from "\n" \
  "smlatb " to ", " b ", lr, " to "\n"

#define EDGEC_DSP_TWO(upper, lower, a, b, from)    \
  "smlabt " lower ", " a ", r12, " from "\n"       \
  EDGEC_DSP_ONE(upper, a, b, upper)                \
  "smlad " lower ", " b ", lr, " lower "\n"

EDGEC_ASSEMBLY void edgec_depthwise_3x3_1_dsp(EDGEC_ARGUMENT const uint32_t *stream,
                                              EDGEC_ARGUMENT const uint32_t *planes, EDGEC_ARGUMENT int8_t *y,
                                              EDGEC_ARGUMENT const edgec_planes_dsp *op)
{
  __asm__(EDGEC_DSP_PLANES(
      "1", "4",
      "ldrd r8, r10, [sp, #8]\n"
      EDGEC_DSP_COLUMN("], #16")
      EDGEC_DSP_TWO("r8", "r9", "r2", "r3", "r8")
      EDGEC_DSP_COLUMN("], #16")
      EDGEC_DSP_TWO("r8", "r9", "r4", "r5", "r9")
      EDGEC_DSP_TWO("r10", "r11", "r2", "r3", "r10")
      EDGEC_DSP_COLUMN("]")
      EDGEC_DSP_TWO("r8", "r9", "r6", "r7", "r9")
      EDGEC_DSP_TWO("r10", "r11", "r4", "r5", "r11")
      EDGEC_DSP_COLUMN(", #16]")
      EDGEC_DSP_TWO("r10", "r11", "r6", "r7", "r11")
      "ldrd r12, lr, [sp, #16]\n"
      "smmla r8, r8, r12, lr\n"
      "smmla r9, r9, r12, lr\n"
      "smmla r10, r10, r12, lr\n"
      "smmla r11, r11, r12, lr\n"
      "ldrd r12, lr, [sp, #24]\n"
      "asr r8, r8, r12\n"
      "asr r9, r9, r12\n"
      "asr r10, r10, r12\n"
      "asr r11, r11, r12\n"
      "ssat r8, #8, r8\n"
      "ssat r9, #8, r9\n"
      "ssat r10, #8, r10\n"
      "ssat r11, #8, r11\n"
      "ldr r12, [sp]\n"
      "strb r8, [r12]\n"
      "strb r9, [r12, lr]\n"
      "ldr r8, [sp, #4]\n"
      "add r12, r8\n"
      "strb r10, [r12]\n"
      "strb r11, [r12, lr]\n"
      "add r12, r8\n"
      "str r12, [sp]\n",
      "ldr r8, [sp, #8]\n"
      EDGEC_DSP_COLUMN("], #16")
      EDGEC_DSP_TWO("r8", "r9", "r2", "r3", "r8")
      EDGEC_DSP_COLUMN("]")
      EDGEC_DSP_TWO("r8", "r9", "r4", "r5", "r9")
      EDGEC_DSP_COLUMN(", #16]")
      EDGEC_DSP_TWO("r8", "r9", "r6", "r7", "r9")
      "ldrd r12, lr, [sp, #16]\n"
      "smmla r8, r8, r12, lr\n"
      "smmla r9, r9, r12, lr\n"
      "ldrd r12, lr, [sp, #24]\n"
      "asr r8, r8, r12\n"
      "asr r9, r9, r12\n"
      "ssat r8, #8, r8\n"
      "ssat r9, #8, r9\n"
      "ldrd r12, r10, [sp]\n"
      "strb r8, [r12]\n"
      "strb r9, [r12, lr]\n"
      "add r12, r10\n"
      "str r12, [sp]\n",
      "ldr r8, [sp]\n"
      "ldr r9, [sp, #28]\n"
      "add r8, r9\n"
      "str r8, [sp]\n"));
}

EDGEC_ASSEMBLY void edgec_depthwise_3x3_2_dsp(EDGEC_ARGUMENT const uint32_t *stream,
                                              EDGEC_ARGUMENT const uint32_t *planes, EDGEC_ARGUMENT int8_t *y,
                                              EDGEC_ARGUMENT const edgec_planes_dsp *op)
{
  __asm__(EDGEC_DSP_PLANES(
      "2", "5",
      "ldrd r8, r9, [sp, #8]\n"
      "ldrd r10, r11, [sp, #8]\n"
      EDGEC_DSP_COLUMN("], #128")
      EDGEC_DSP_ONE("r8", "r2", "r3", "r8")
      EDGEC_DSP_COLUMN(", #-112]")
      EDGEC_DSP_ONE("r8", "r4", "r5", "r8")
      EDGEC_DSP_COLUMN(", #-96]")
      EDGEC_DSP_ONE("r8", "r6", "r7", "r8")
      EDGEC_DSP_ONE("r9", "r2", "r3", "r9")
      EDGEC_DSP_COLUMN(", #-80]")
      EDGEC_DSP_ONE("r9", "r4", "r5", "r9")
      EDGEC_DSP_COLUMN(", #-64]")
      EDGEC_DSP_ONE("r9", "r6", "r7", "r9")
      EDGEC_DSP_ONE("r10", "r2", "r3", "r10")
      EDGEC_DSP_COLUMN(", #-48]")
      EDGEC_DSP_ONE("r10", "r4", "r5", "r10")
      EDGEC_DSP_COLUMN(", #-32]")
      EDGEC_DSP_ONE("r10", "r6", "r7", "r10")
      EDGEC_DSP_ONE("r11", "r2", "r3", "r11")
      EDGEC_DSP_COLUMN(", #-16]")
      EDGEC_DSP_ONE("r11", "r4", "r5", "r11")
      EDGEC_DSP_COLUMN("]")
      EDGEC_DSP_ONE("r11", "r6", "r7", "r11")
      "ldrd r12, lr, [sp, #16]\n"
      "smmla r8, r8, r12, lr\n"
      "smmla r9, r9, r12, lr\n"
      "smmla r10, r10, r12, lr\n"
      "smmla r11, r11, r12, lr\n"
      "ldr r12, [sp, #24]\n"
      "asr r8, r8, r12\n"
      "asr r9, r9, r12\n"
      "asr r10, r10, r12\n"
      "asr r11, r11, r12\n"
      "ssat r8, #8, r8\n"
      "ssat r9, #8, r9\n"
      "ssat r10, #8, r10\n"
      "ssat r11, #8, r11\n"
      "ldrd r12, lr, [sp]\n"
      "strb r8, [r12]\n"
      "strb r9, [r12, lr]\n"
      "strb r10, [r12, lr, lsl #1]\n"
      "add r12, lr\n"
      "strb r11, [r12, lr, lsl #1]\n"
      "add r12, lr\n"
      "add r12, r12, lr, lsl #1\n"
      "str r12, [sp]\n",
      "ldr r8, [sp, #8]\n"
      EDGEC_DSP_COLUMN("], #32")
      EDGEC_DSP_ONE("r8", "r2", "r3", "r8")
      EDGEC_DSP_COLUMN(", #-16]")
      EDGEC_DSP_ONE("r8", "r4", "r5", "r8")
      EDGEC_DSP_COLUMN("]")
      EDGEC_DSP_ONE("r8", "r6", "r7", "r8")
      "ldrd r12, lr, [sp, #16]\n"
      "smmla r8, r8, r12, lr\n"
      "ldr r12, [sp, #24]\n"
      "asr r8, r8, r12\n"
      "ssat r8, #8, r8\n"
      "ldrd r12, lr, [sp]\n"
      "strb r8, [r12]\n"
      "add r12, lr\n"
      "str r12, [sp]\n",
      ""));
}

/* Planes `first` .. `count` - 1 from pairs of rows: four channels from `channel` on. */
EDGEC_INLINE void edgec_planes_of_rows_dsp(const edgec_depthwise_3x3_dsp *op, const int8_t *const *rows, int32_t count,
                                           int32_t channel, uint32_t *planes, int32_t plane)
{
  const uint32_t padding = (uint32_t)(op->x_zero & 0xff) * 0x01010101u;
  const int8_t *const nothing = (const int8_t *)&padding;
  const ptrdiff_t start = op->first * op->channels + channel;
  for (; count > 0; --count, rows += 2, planes += plane) {
    const int8_t *const upper = rows[0] == NULL ? nothing : rows[0] + start;
    const int8_t *const lower = rows[1] == NULL ? nothing : rows[1] + start;
    edgec_plane_dsp(upper, lower, planes + 4 * op->before, op->count, rows[0] == NULL ? 0 : op->channels,
                    rows[1] == NULL ? 0 : op->channels);
  }
}

EDGEC_FUNCTION void edgec_padding_dsp(uint32_t *y, int32_t columns, int32_t x_zero)
{
  const uint32_t both = (uint32_t)(x_zero & 0xffff) * 0x00010001u;
  for (uint32_t *const end = y + 4 * columns; y != end; ++y) {
    *y = both;
  }
}

typedef void edgec_depthwise_3x3_loop_dsp(const uint32_t *stream, const uint32_t *planes, int8_t *y,
                                          const edgec_planes_dsp *op);

EDGEC_INLINE void edgec_depthwise_3x3_rows_dsp(edgec_depthwise_3x3_loop_dsp *loop, int32_t turns,
                                               const edgec_depthwise_3x3_dsp *op, const int8_t *const *rows,
                                               int32_t out_rows, int8_t *y, uint32_t *planes)
{
  const int32_t plane = 4 * (op->before + op->count + op->behind);
  const edgec_planes_dsp loops = {4 * plane, op->out_width, op->channels, op->out_width * op->channels, turns};
  for (int32_t i = 0; i <= turns; ++i) {
    edgec_padding_dsp(planes + i * plane, op->before, op->x_zero);
    edgec_padding_dsp(planes + (i + 1) * plane - 4 * op->behind, op->behind, op->x_zero);
  }
  for (int32_t next = 0; next < op->channels; next += 4) {
    const int32_t c = next < op->channels - 4 ? next : op->channels - 4;
    edgec_planes_of_rows_dsp(op, rows, turns + 1, c, planes, plane);
    loop(op->stream + 7 * c, planes, y + c, &loops);
  }
  if (op->low > INT8_MIN || op->high < INT8_MAX) {
    edgec_narrow_dsp(y, out_rows * loops.row, op->low, op->high);
  }
}

/* `out_rows` rows of output, with stride 1 an even number, from pointers to all rows of input that their windows reach, an
   even number, too (NULL: a row of padding). scratch: 16 bytes for each column, padding included, of half the rows. */
EDGEC_BLOCK_KERNEL void edgec_depthwise_3x3_1_dsp_i8(const edgec_depthwise_3x3_dsp *op, const int8_t *const *rows,
                                                 int32_t out_rows, int8_t *y, void *scratch)
{
  edgec_depthwise_3x3_rows_dsp(edgec_depthwise_3x3_1_dsp, out_rows / 2, op, rows, out_rows, y, (uint32_t *)scratch);
}

EDGEC_BLOCK_KERNEL void edgec_depthwise_3x3_2_dsp_i8(const edgec_depthwise_3x3_dsp *op, const int8_t *const *rows,
                                                 int32_t out_rows, int8_t *y, void *scratch)
{
  edgec_depthwise_3x3_rows_dsp(edgec_depthwise_3x3_2_dsp, out_rows, op, rows, out_rows, y, (uint32_t *)scratch);
}

#endif
