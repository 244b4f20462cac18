/* Products of two tensors of bytes with the DSP extension. */
#ifndef EDGEC_MUL_DSP_H
#define EDGEC_MUL_DSP_H

#include "edgec/block_dsp.h"

/* A product becomes a code by multiplier, begin, shift - 32 (block_dsp.h). */
typedef struct {
  int32_t a_less; /* the number that codes are less than zero points, in both halfwords */
  int32_t b_less;
  int32_t multiplier;
  int32_t begin;
  int32_t shift;
  int32_t low; /* clamp of the code */
  int32_t high;
} edgec_mul_dsp;

#define EDGEC_DSP_PRODUCT(product)             \
  "smmla " product ", " product ", r10, r11\n" \
  "asr " product ", " product ", r12\n"        \
  "ssat " product ", #8, " product "\n"

/* `four`: products of elements 0, 1, 2, 3 in r0, r6, lr, r5; `one`: that of one in r0. */
#define EDGEC_DSP_MUL(four, one)             \
  __asm__("push {r4-r11, lr}\n"              \
          "ldm r0, {r8-r12}\n"               \
          "ldr r4, [sp, #36]\n"              \
          "lsrs r4, r4, #2\n"                \
          "beq 2f\n"                         \
          "1:\n"                             \
          "ldr r6, [r1], #4\n"               \
          four                               \
          EDGEC_DSP_PRODUCT("r0")            \
          EDGEC_DSP_PRODUCT("r6")            \
          EDGEC_DSP_PRODUCT("lr")            \
          EDGEC_DSP_PRODUCT("r5")            \
          "bfi r0, r6, #8, #8\n"             \
          "bfi lr, r5, #8, #8\n"             \
          "pkhbt r0, r0, lr, lsl #16\n"      \
          "str r0, [r3], #4\n"               \
          "subs r4, r4, #1\n"                \
          "bne 1b\n"                         \
          "2:\n"                             \
          "ldr r4, [sp, #36]\n"              \
          "ands r4, r4, #3\n"                \
          "beq 4f\n"                         \
          "3:\n"                             \
          "ldrsb r6, [r1], #1\n"             \
          "sxtah r6, r8, r6\n"               \
          one                                \
          EDGEC_DSP_PRODUCT("r0")            \
          "strb r0, [r3], #1\n"              \
          "subs r4, r4, #1\n"                \
          "bne 3b\n"                         \
          "4:\n"                             \
          "pop {r4-r11, pc}\n")

/* y may be a or b. */
EDGEC_ASSEMBLY void edgec_mul_each_dsp(EDGEC_ARGUMENT const edgec_mul_dsp *op, EDGEC_ARGUMENT const int8_t *a,
                                       EDGEC_ARGUMENT const int8_t *b, EDGEC_ARGUMENT int8_t *y,
                                       EDGEC_ARGUMENT int32_t count)
{
  EDGEC_DSP_MUL("ldr r7, [r2], #4\n"
                "sxtab16 r0, r8, r6\n"
                "sxtab16 r5, r9, r7\n"
                "sxtab16 r6, r8, r6, ror #8\n"
                "sxtab16 r7, r9, r7, ror #8\n"
                "smultt lr, r0, r5\n"
                "smulbb r0, r0, r5\n"
                "smultt r5, r6, r7\n"
                "smulbb r6, r6, r7\n",
                "ldrsb r7, [r2], #1\n"
                "sxtah r7, r9, r7\n"
                "smulbb r0, r6, r7\n");
}

/* By the number b_less. */
EDGEC_ASSEMBLY void edgec_mul_all_dsp(EDGEC_ARGUMENT const edgec_mul_dsp *op, EDGEC_ARGUMENT const int8_t *a,
                                      EDGEC_ARGUMENT const int8_t *unused, EDGEC_ARGUMENT int8_t *y,
                                      EDGEC_ARGUMENT int32_t count)
{
  EDGEC_DSP_MUL("sxtab16 r0, r8, r6\n"
                "sxtab16 r6, r8, r6, ror #8\n"
                "smultb lr, r0, r9\n"
                "smulbb r0, r0, r9\n"
                "smultb r5, r6, r9\n"
                "smulbb r6, r6, r9\n",
                "smulbb r0, r6, r9\n");
}

EDGEC_BLOCK_KERNEL void edgec_mul_dsp_i8(const edgec_mul_dsp *op, const int8_t *a, const int8_t *b, int8_t *y,
                                         int32_t count)
{
  edgec_mul_each_dsp(op, a, b, y, count);
  if (op->low > INT8_MIN || op->high < INT8_MAX) {
    edgec_narrow_dsp(y, count, op->low, op->high);
  }
}

/* By a single element. */
EDGEC_BLOCK_KERNEL void edgec_mul_single_dsp_i8(const edgec_mul_dsp *op, const int8_t *a, const int8_t *b, int8_t *y,
                                                int32_t count)
{
  edgec_mul_dsp by = *op;
  by.b_less = (int16_t)by.b_less + b[0];
  edgec_mul_all_dsp(&by, a, b, y, count);
  if (op->low > INT8_MIN || op->high < INT8_MAX) {
    edgec_narrow_dsp(y, count, op->low, op->high);
  }
}

#endif
