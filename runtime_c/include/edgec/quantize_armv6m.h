/* Numbers to bytes and back, by one scale, on Armv6-M, which has no floating-point instructions. */
#ifndef EDGEC_QUANTIZE_ARMV6M_H
#define EDGEC_QUANTIZE_ARMV6M_H

#include "edgec/assembly_armv6m.h"
#include "edgec/quantize.h"

/* A quotient is a product of 16 bits of x's mantissa and 16 of the reciprocal, 2^39 / mantissa of the scale, rounded down:
   with 2^16 for 1, shifted by `exponent`, 15 more than that of the scale, less x's. Up to 257 it is less than the quotient
   in f32 by 1031 at most, and no more than 2 greater. What is larger becomes the same code as 256 does. */
typedef struct {
  int32_t exponent;
  int32_t reciprocal;
  int32_t zero_point;
  float scale;
  edgec_soft_scale soft;
} edgec_quantize_armv6m;

/* Until a quotient is too close to half way, or beyond 2^15: how many are left. `x` and `y` are the ends. 24 instructions for
   each.
   r0: x, r1: the end of y, r2: minus the elements left, r3: exponent, r7: reciprocal, r8: 2^15, r9: half, and 8 less, r10: where
   it is too close, r11: zero_point. */
EDGEC_ASSEMBLY int32_t edgec_quantize_bytes_armv6m(EDGEC_ARGUMENT const edgec_quantize_armv6m *op,
                                                   EDGEC_ARGUMENT const float *x, EDGEC_ARGUMENT int8_t *y,
                                                   EDGEC_ARGUMENT int32_t left)
{
  __asm__(EDGEC_ARMV6M_ENTER(0)
          "ldm r0!, {r4, r7}\n"
          "ldr r5, [r0]\n"
          "mov r11, r5\n"
          "movs r5, #1\n"
          "lsls r5, r5, #15\n"
          "mov r8, r5\n"
          "subs r6, r5, #4\n"
          "subs r6, r6, #4\n"
          "mov r9, r6\n"
          "lsls r5, r5, #1\n"
          "movs r6, #65\n"
          "lsls r6, r6, #4\n"
          "subs r5, r5, r6\n"
          "mov r10, r5\n"
          "lsls r5, r3, #2\n"
          "subs r0, r1, r5\n"
          "mov r1, r2\n"
          "rsbs r2, r3, #0\n"
          "beq 3f\n"
          "movs r3, r4\n"
          "1:\n"
          "ldm r0!, {r4}\n"
          "lsls r6, r4, #1\n"
          "lsrs r6, r6, #24\n"
          "subs r6, r3, r6\n"
          "bls 3f\n"
          "lsls r5, r4, #9\n"
          "lsrs r5, r5, #17\n"
          "add r5, r8\n"
          "muls r5, r7, r5\n"
          "lsrs r5, r6\n" /* by 32 and more it is 0 */
          "add r5, r9\n"
          "uxth r6, r5\n"
          "cmp r6, r10\n"
          "bhs 3f\n"
          "lsrs r5, r5, #16\n"
          "asrs r4, r4, #31\n"
          "eors r5, r4\n"
          "subs r5, r5, r4\n"
          "add r5, r11\n"
          "sxtb r4, r5\n"
          "cmp r4, r5\n"
          "bne 4f\n"
          "2:\n"
          "strb r5, [r1, r2]\n"
          "adds r2, r2, #1\n"
          "bne 1b\n"
          "3:\n"
          "rsbs r0, r2, #0\n"
          EDGEC_ARMV6M_LEAVE(0)
          "4:\n"
          "asrs r4, r5, #31\n"
          "movs r5, #127\n"
          "eors r5, r4\n"
          "b 2b\n");
}

EDGEC_BLOCK_KERNEL void edgec_quantize_armv6m_i8(const edgec_quantize_armv6m *op, const float *x, int8_t *y, int32_t count)
{
  int32_t left = count;
  for (;;) {
    left = edgec_quantize_bytes_armv6m(op, x + count, y + count, left);
    EDGEC_EFFECT();
    if (left == 0) {
      return;
    }
    y[count - left] =
        (int8_t)edgec_soft_rounded(x[count - left], op->scale, &op->soft, op->zero_point, INT8_MIN, INT8_MAX);
    --left;
  }
}

#define EDGEC_ARMV6M_NUMBER(n) \
  "ldrsb r4, [r1, r0]\n"       \
  "lsls r4, r4, #2\n"          \
  "ldr r4, [r2, r4]\n"         \
  "stm r3!, {r4}\n"            \
  "adds r0, #1\n"

/* By a table, which is that of 0. 5 instructions for each. */
EDGEC_ASSEMBLY void edgec_numbers_armv6m(EDGEC_ARGUMENT int32_t count, EDGEC_ARGUMENT const int8_t *x,
                                         EDGEC_ARGUMENT const float *table, EDGEC_ARGUMENT float *y)
{
  __asm__(".syntax unified\n"
          "push {r0, r4, r5, lr}\n"
          EDGEC_ARMV6M_RUN(0, "r1", 10, EDGEC_ARMV6M_NUMBER)
          "pop {r0, r4, r5, pc}\n");
}

/* `table`: of signed bytes, that of the lowest one first. */
EDGEC_BLOCK_KERNEL void edgec_dequantize_armv6m_i8(const int8_t *x, const float *table, float *y, int32_t count)
{
  edgec_numbers_armv6m(count, x, table + 128, y);
  EDGEC_EFFECT();
}

#endif
