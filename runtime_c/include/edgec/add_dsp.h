/* Sums and differences of two tensors of bytes of one shape with the DSP extension. */
#ifndef EDGEC_ADD_DSP_H
#define EDGEC_ADD_DSP_H

#include "edgec/block_dsp.h"

/* `begin` makes up for all zero points and for rounding. */
typedef struct {
  int32_t a_multiplier;
  int32_t b_multiplier;
  int32_t begin;
  int32_t shift;
  int32_t low; /* clamp of the code */
  int32_t high;
} edgec_add_dsp;

#define EDGEC_DSP_ADD(to, ror)        \
  "sxtb " to ", r5, ror #" ror "\n"   \
  "mla " to ", " to ", r8, r10\n"     \
  "sxtb r12, r6, ror #" ror "\n"      \
  "mla " to ", r12, r9, " to "\n"     \
  "asr " to ", " to ", r11\n"         \
  "ssat " to ", #8, " to "\n"

/* y = saturate((a * a_multiplier + b * b_multiplier + begin) >> shift); y may be a or b. */
EDGEC_ASSEMBLY void edgec_add_bytes_dsp(EDGEC_ARGUMENT const edgec_add_dsp *op, EDGEC_ARGUMENT const int8_t *a,
                                        EDGEC_ARGUMENT const int8_t *b, EDGEC_ARGUMENT int8_t *y,
                                        EDGEC_ARGUMENT int32_t count)
{
  __asm__("push {r4-r11, lr}\n"
          "ldr r4, [sp, #36]\n"
          "ldm r0, {r8-r11}\n"
          "lsrs r4, r4, #2\n"
          "beq 2f\n"
          "1:\n"
          "ldr r5, [r1], #4\n"
          "ldr r6, [r2], #4\n"
          EDGEC_DSP_ADD("r0", "0")
          EDGEC_DSP_ADD("r7", "8")
          "bfi r0, r7, #8, #8\n"
          EDGEC_DSP_ADD("r7", "16")
          EDGEC_DSP_ADD("lr", "24")
          "bfi r7, lr, #8, #8\n"
          "pkhbt r0, r0, r7, lsl #16\n"
          "str r0, [r3], #4\n"
          "subs r4, r4, #1\n"
          "bne 1b\n"
          "2:\n"
          "ldr r4, [sp, #36]\n"
          "ands r4, r4, #3\n"
          "beq 4f\n"
          "3:\n"
          "ldrsb r5, [r1], #1\n"
          "ldrsb r6, [r2], #1\n"
          EDGEC_DSP_ADD("r0", "0")
          "strb r0, [r3], #1\n"
          "subs r4, r4, #1\n"
          "bne 3b\n"
          "4:\n"
          "pop {r4-r11, pc}\n");
}

EDGEC_BLOCK_KERNEL void edgec_add_dsp_i8(const edgec_add_dsp *op, const int8_t *a, const int8_t *b, int8_t *y,
                                     int32_t count)
{
  edgec_add_bytes_dsp(op, a, b, y, count);
  if (op->low > INT8_MIN || op->high < INT8_MAX) {
    edgec_narrow_dsp(y, count, op->low, op->high);
  }
}

/* With a single element b, which goes into where sums begin. */
EDGEC_BLOCK_KERNEL void edgec_add_single_dsp_i8(const edgec_add_dsp *op, const int8_t *a, const int8_t *b, int8_t *y,
                                                int32_t count)
{
  edgec_add_dsp sums = *op;
  sums.begin = (int32_t)((uint32_t)sums.begin + (uint32_t)b[0] * (uint32_t)sums.b_multiplier);
  sums.b_multiplier = 0;
  edgec_add_dsp_i8(&sums, a, a, y, count);
}

#endif
