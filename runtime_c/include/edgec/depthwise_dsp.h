/* Depthwise convolution of bytes by any window with the DSP extension, of horizontal stride 1 or 2: 2 pixels x 4 channels.

   Four channels of the rows are widened at a time, to two words a column: channels 0 and 2, 1 and 3. */
#ifndef EDGEC_DEPTHWISE_DSP_H
#define EDGEC_DEPTHWISE_DSP_H

#include "edgec/block_dsp.h"
#include "edgec/strips.h"

/* One layer. `stream`: of each four channels 4 biases; for each tap how many bytes it lies behind the one before, its
   weights of channels 0 and 2, and of 1 and 3; multiplier and begin of each, shift - 32 of each (block_dsp.h). Where the
   number of channels is no multiple of 4 the last four are the last 4. */
typedef struct {
  const uint32_t *stream;
  int32_t taps;
  int32_t channels; /* at least 4 */
  int32_t first; /* columns of a row that are taken, with padding around them */
  int32_t count;
  int32_t before;
  int32_t behind;
  int32_t rows; /* of the window, those between its taps, too */
  int32_t stride; /* vertical */
  int32_t out_width; /* at least 2 */
  int32_t x_zero;
  int32_t low; /* clamp of the code */
  int32_t high;
} edgec_depthwise_dsp;

/* Four channels of `columns` columns, at least 1, of a row. */
EDGEC_ASSEMBLY void edgec_widen_four_dsp(EDGEC_ARGUMENT const int8_t *x, EDGEC_ARGUMENT uint32_t *y,
                                         EDGEC_ARGUMENT int32_t columns, EDGEC_ARGUMENT int32_t step)
{
  __asm__("push {r4, lr}\n"
          "1:\n"
          "ldr r4, [r0]\n"
          "add r0, r3\n"
          "sxtb16 r12, r4\n"
          "sxtb16 lr, r4, ror #8\n"
          "strd r12, lr, [r1], #8\n"
          "subs r2, r2, #1\n"
          "bne 1b\n"
          "pop {r4, pc}\n");
}

/* A tap: r3 and r12 are its weights, r4-r7 and r8-r11 the sums of 2 pixels. 12 instructions, 8 products. */
#define EDGEC_DSP_TAP(pixel)          \
  "ldm r0!, {r2, r3, r12}\n"          \
  "add r1, r2\n"                      \
  "ldrd r2, lr, [r1]\n"               \
  "smlabb r4, r3, r2, r4\n"           \
  "smlatt r6, r3, r2, r6\n"           \
  "smlabb r5, r12, lr, r5\n"          \
  "smlatt r7, r12, lr, r7\n"          \
  "ldrd r2, lr, [r1, #" pixel "]\n"   \
  "smlabb r8, r3, r2, r8\n"           \
  "smlatt r10, r3, r2, r10\n"         \
  "smlabb r9, r12, lr, r9\n"          \
  "smlatt r11, r12, lr, r11\n"

/* Eight sums, shifted, as bytes of 2 pixels; leaves y and step in r2, r3. */
#define EDGEC_DSP_STORE_8        \
  "ssat r4, #8, r4\n"            \
  "ssat r5, #8, r5\n"            \
  "ssat r6, #8, r6\n"            \
  "ssat r7, #8, r7\n"            \
  "ssat r8, #8, r8\n"            \
  "ssat r9, #8, r9\n"            \
  "ssat r10, #8, r10\n"          \
  "ssat r11, #8, r11\n"          \
  "bfi r4, r5, #8, #8\n"         \
  "bfi r6, r7, #8, #8\n"         \
  "pkhbt r4, r4, r6, lsl #16\n"  \
  "bfi r8, r9, #8, #8\n"         \
  "bfi r10, r11, #8, #8\n"       \
  "pkhbt r8, r8, r10, lsl #16\n" \
  "ldrd r2, r3, [sp]\n"          \
  "str r4, [r2]\n"               \
  "str r8, [r2, r3]\n"

/* `pairs` of two neighbours of a row of output, from the first one's window at x on. `step` makes bytes of the channels in
   r5, `codes` saturates and stores. */
#define EDGEC_DSP_DEPTHWISE(name, pixel, pair, step, codes)                                                         \
  EDGEC_ASSEMBLY void edgec_##name##_dsp(EDGEC_ARGUMENT const uint32_t *stream,                                     \
                                         EDGEC_ARGUMENT const uint32_t *x, EDGEC_ARGUMENT int8_t *y,                \
                                         EDGEC_ARGUMENT const edgec_depthwise_dsp *op,                              \
                                         EDGEC_ARGUMENT int32_t pairs)                                              \
  {                                                                                                                 \
    __asm__("push {r4-r11, lr}\n"                                                                                   \
            "sub sp, #24\n" /* y, step; stream, x; where the taps end, and where the loop is entered */             \
            "ldrd r4, r5, [r3, #4]\n" /* taps, step */                                                              \
            step                                                                                                    \
            "strd r2, r5, [sp]\n"                                                                                   \
            "strd r0, r1, [sp, #8]\n"                                                                               \
            "add r6, r4, r4, lsl #1\n"                                                                              \
            "add r6, r0, r6, lsl #2\n"                                                                              \
            "add r6, #16\n"                                                                                         \
            "rsb r4, r4, #0\n" /* four taps a turn, of the first so many that the last turn ends with the window */ \
            "and r4, r4, #3\n"                                                                                      \
            "adr.w r7, 9f\n"                                                                                        \
            "ldrsh r4, [r7, r4, lsl #1]\n"                                                                          \
            "add r7, r4\n"                                                                                          \
            "strd r6, r7, [sp, #16]\n"                                                                              \
            "1:\n"                                                                                                  \
            "ldrd r0, r1, [sp, #8]\n"                                                                               \
            "ldm r0!, {r4-r7}\n"                                                                                    \
            "mov r8, r4\n"                                                                                          \
            "mov r9, r5\n"                                                                                          \
            "mov r10, r6\n"                                                                                         \
            "mov r11, r7\n"                                                                                         \
            "ldr pc, [sp, #20]\n"                                                                                   \
            "2:\n" EDGEC_DSP_TAP(pixel)                                                                             \
            "3:\n" EDGEC_DSP_TAP(pixel)                                                                             \
            "4:\n" EDGEC_DSP_TAP(pixel)                                                                             \
            "5:\n" EDGEC_DSP_TAP(pixel)                                                                             \
            "ldr r2, [sp, #16]\n"                                                                                   \
            "cmp r0, r2\n"                                                                                          \
            "bne 2b\n"                                                                                              \
            "ldm r0!, {r2, r3, r12, lr}\n"                                                                          \
            "smmla r4, r4, r2, r3\n"                                                                                \
            "smmla r8, r8, r2, r3\n"                                                                                \
            "smmla r5, r5, r12, lr\n"                                                                               \
            "smmla r9, r9, r12, lr\n"                                                                               \
            "ldm r0!, {r2, r3, r12, lr}\n"                                                                          \
            "smmla r6, r6, r2, r3\n"                                                                                \
            "smmla r10, r10, r2, r3\n"                                                                              \
            "smmla r7, r7, r12, lr\n"                                                                               \
            "smmla r11, r11, r12, lr\n"                                                                             \
            "ldm r0!, {r2, r3, r12, lr}\n"                                                                          \
            "asr r4, r4, r2\n"                                                                                      \
            "asr r8, r8, r2\n"                                                                                      \
            "asr r5, r5, r3\n"                                                                                      \
            "asr r9, r9, r3\n"                                                                                      \
            "asr r6, r6, r12\n"                                                                                     \
            "asr r10, r10, r12\n"                                                                                   \
            "asr r7, r7, lr\n"                                                                                      \
            "asr r11, r11, lr\n"                                                                                    \
            codes                                                                                                   \
            "add r2, r2, r3, lsl #1\n"                                                                              \
            "str r2, [sp]\n"                                                                                        \
            "ldr r1, [sp, #12]\n"                                                                                   \
            "add r1, #" pair "\n"                                                                                   \
            "str r1, [sp, #12]\n"                                                                                   \
            "ldr r1, [sp, #60]\n"                                                                                   \
            "subs r1, r1, #1\n"                                                                                     \
            "str r1, [sp, #60]\n"                                                                                   \
            "bne 1b\n"                                                                                              \
            "add sp, #24\n"                                                                                         \
            "pop {r4-r11, pc}\n"                                                                                    \
            ".p2align 1\n"                                                                                          \
            "9:\n"                                                                                                  \
            ".short 2b - 9b + 1, 3b - 9b + 1, 4b - 9b + 1, 5b - 9b + 1\n");                                         \
  }

EDGEC_DSP_DEPTHWISE(depthwise_1, "8", "16", "", EDGEC_DSP_STORE_8)
EDGEC_DSP_DEPTHWISE(depthwise_2, "16", "32", "", EDGEC_DSP_STORE_8)

EDGEC_FUNCTION void edgec_fill_pairs_dsp(uint32_t *y, int32_t columns, int32_t value)
{
  const uint32_t both = (uint32_t)(value & 0xffff) * 0x00010001u;
  for (uint32_t *const end = y + 2 * columns; y != end; ++y) {
    *y = both;
  }
}

typedef void edgec_depthwise_loop_dsp(const uint32_t *stream, const uint32_t *x, int8_t *y,
                                      const edgec_depthwise_dsp *op, int32_t pairs);

EDGEC_INLINE void edgec_depthwise_rows_dsp(edgec_depthwise_loop_dsp *loop, int32_t stride,
                                           const edgec_depthwise_dsp *op, const int8_t *const *rows, int32_t out_rows,
                                           int8_t *y, uint32_t *wide)
{
  const int32_t line = 2 * (op->before + op->count + op->behind);
  const int32_t in_rows = (out_rows - 1) * op->stride + op->rows;
  const int32_t even = op->out_width & ~1;
  edgec_fill_pairs_dsp(wide, in_rows * (line / 2), op->x_zero);
  for (int32_t next = 0; next < op->channels; next += 4) {
    const int32_t c = next < op->channels - 4 ? next : op->channels - 4;
    const uint32_t *const stream = op->stream + next / 4 * (16 + 3 * op->taps);
    for (int32_t i = 0; i < in_rows; ++i) {
      if (rows[i] != NULL) {
        const int8_t *const x = rows[i] + (op->first * op->channels + c);
        edgec_widen_four_dsp(x, wide + (i * line + 2 * op->before), op->count, op->channels);
      }
    }
    for (int32_t i = 0; i < out_rows; ++i) {
      const uint32_t *const x = wide + i * op->stride * line;
      int8_t *const out = y + (i * op->out_width * op->channels + c);
      loop(stream, x, out, op, even / 2);
      if (even < op->out_width) { /* the last pair is that of the last two */
        loop(stream, x + 2 * stride * (even - 1), out + (even - 1) * op->channels, op, 1);
      }
    }
  }
  if (op->low > INT8_MIN || op->high < INT8_MAX) {
    edgec_narrow_dsp(y, out_rows * op->out_width * op->channels, op->low, op->high);
  }
}

/* `out_rows` rows of output from pointers to all rows of input that their windows reach (NULL: a row of padding). scratch:
   8 bytes for each column of these rows, padding included. */
EDGEC_BLOCK_KERNEL void edgec_depthwise_1_dsp_i8(const edgec_depthwise_dsp *op, const int8_t *const *rows, int32_t out_rows,
                                             int8_t *y, void *scratch)
{
  edgec_depthwise_rows_dsp(edgec_depthwise_1_dsp, 1, op, rows, out_rows, y, (uint32_t *)scratch);
}

EDGEC_BLOCK_KERNEL void edgec_depthwise_2_dsp_i8(const edgec_depthwise_dsp *op, const int8_t *const *rows, int32_t out_rows,
                                             int8_t *y, void *scratch)
{
  edgec_depthwise_rows_dsp(edgec_depthwise_2_dsp, 2, op, rows, out_rows, y, (uint32_t *)scratch);
}

#endif
