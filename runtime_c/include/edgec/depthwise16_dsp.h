/* Depthwise convolution of 16 bits by bytes with the DSP extension, of horizontal stride 1 or 2: as of bytes
   (depthwise_dsp.h), but four channels of a column are copied as they are, two words. So a stream has each four in the
   order 0, 2, 1, 3, and of a tap's two words the first holds channels 0 and 1. */
#ifndef EDGEC_DEPTHWISE16_DSP_H
#define EDGEC_DEPTHWISE16_DSP_H

#include "edgec/block16_dsp.h"
#include "edgec/depthwise_dsp.h"

/* Four channels of `columns` columns, at least 1, `step` bytes apart. */
EDGEC_ASSEMBLY void edgec_copy_four_dsp(EDGEC_ARGUMENT const int16_t *x, EDGEC_ARGUMENT uint32_t *y,
                                        EDGEC_ARGUMENT int32_t columns, EDGEC_ARGUMENT int32_t step)
{
  __asm__("push {r4, lr}\n"
          "1:\n"
          "ldr r4, [r0]\n"
          "ldr r12, [r0, #4]\n"
          "add r0, r3\n"
          "strd r4, r12, [r1], #8\n"
          "subs r2, r2, #1\n"
          "bne 1b\n"
          "pop {r4, pc}\n");
}

#define EDGEC_DSP_STORE_16(saturate) \
  saturate(r4)                       \
  saturate(r5)                       \
  saturate(r6)                       \
  saturate(r7)                       \
  saturate(r8)                       \
  saturate(r9)                       \
  saturate(r10)                      \
  saturate(r11)                      \
  "pkhbt r4, r4, r6, lsl #16\n"      \
  "pkhbt r5, r5, r7, lsl #16\n"      \
  "pkhbt r8, r8, r10, lsl #16\n"     \
  "pkhbt r9, r9, r11, lsl #16\n"     \
  "ldrd r2, r3, [sp]\n"              \
  "str r4, [r2]\n"                   \
  "str r5, [r2, #4]\n"               \
  "add r12, r2, r3\n"                \
  "str r8, [r12]\n"                  \
  "str r9, [r12, #4]\n"

EDGEC_INLINE void edgec_depthwise16_rows_dsp(edgec_depthwise_loop_dsp *loop, int32_t stride,
                                             const edgec_depthwise_dsp *op, const int8_t *const *rows, int32_t out_rows,
                                             int16_t *y, uint32_t *wide)
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
        const int16_t *const x = (const int16_t *)(const void *)rows[i] + (op->first * op->channels + c);
        edgec_copy_four_dsp(x, wide + (i * line + 2 * op->before), op->count, 2 * op->channels);
      }
    }
    for (int32_t i = 0; i < out_rows; ++i) {
      const uint32_t *const x = wide + i * op->stride * line;
      int16_t *const out = y + (i * op->out_width * op->channels + c);
      loop(stream, x, (int8_t *)out, op, even / 2);
      if (even < op->out_width) { /* the last pair is that of the last two */
        loop(stream, x + 2 * stride * (even - 1), (int8_t *)(out + (even - 1) * op->channels), op, 1);
      }
    }
  }
  edgec_clamp16_dsp(op->low, op->high, y, out_rows * op->out_width * op->channels);
}

/* What edgec_depthwise_1_dsp_i8 and edgec_depthwise_2_dsp_i8 do; the positive ones have no codes below 0. */
#define EDGEC_DSP_DEPTHWISE16(name, stride, pixel, pair, saturate)                                                  \
  EDGEC_DSP_DEPTHWISE(name, pixel, pair, "lsl r5, r5, #1\n", EDGEC_DSP_STORE_16(saturate))                          \
  EDGEC_BLOCK_KERNEL void edgec_##name##_dsp_i16(const edgec_depthwise_dsp *op, const int8_t *const *rows,          \
                                                 int32_t out_rows, int16_t *y, void *scratch)                       \
  {                                                                                                                 \
    edgec_depthwise16_rows_dsp(edgec_##name##_dsp, stride, op, rows, out_rows, y, (uint32_t *)scratch);             \
  }

EDGEC_DSP_DEPTHWISE16(depthwise16_1, 1, "8", "16", EDGEC_DSP_SIGNED16)
EDGEC_DSP_DEPTHWISE16(depthwise16_2, 2, "16", "32", EDGEC_DSP_SIGNED16)
EDGEC_DSP_DEPTHWISE16(depthwise16_positive_1, 1, "8", "16", EDGEC_DSP_POSITIVE16)
EDGEC_DSP_DEPTHWISE16(depthwise16_positive_2, 2, "16", "32", EDGEC_DSP_POSITIVE16)

#endif
