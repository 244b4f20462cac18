/* Sums and differences of bytes and of halfwords, element by element, with the vectors of Armv8.1-M. */
#ifndef EDGEC_ADD_MVE_H
#define EDGEC_ADD_MVE_H

#include "edgec/block16_mve.h"

/* (begin + a_multiplier * a + b_multiplier * b) >> right, all in 32 bits; `begin` makes up for the zero points and for
   rounding, `shift` is negative. */
typedef struct {
  int32_t begin;
  int32_t a_multiplier;
  int32_t b_multiplier;
  int32_t shift;
  int32_t zero_point;
  int32_t low;
  int32_t high;
} edgec_add_mve;

/* y may be a or b. */
EDGEC_ASSEMBLY void edgec_sums_mve(EDGEC_ARGUMENT const edgec_add_mve *op, EDGEC_ARGUMENT const int8_t *a,
                                   EDGEC_ARGUMENT const int8_t *b, EDGEC_ARGUMENT int8_t *y, EDGEC_ARGUMENT int32_t count)
{
  __asm__("push {r4-r8, lr}\n"
          "ldr r12, [sp, #24]\n"
          "ldm r0, {r4-r8}\n"
          "vdup.32 q3, r5\n"
          "vdup.16 q2, r8\n"
          "wlstp.32 lr, r12, 2f\n"
          "1:\n"
          "vldrb.s32 q0, [r1], #4\n"
          "vldrb.s32 q1, [r2], #4\n"
          "vmlas.s32 q0, q3, r4\n"
          "vmla.s32 q0, q1, r6\n"
          "vshl.s32 q0, r7\n"
          "vqmovnb.s32 q0, q0\n"
          "vqadd.s16 q0, q0, q2\n"
          "vqmovnb.s16 q0, q0\n"
          "vstrb.32 q0, [r3], #4\n"
          "letp lr, 1b\n"
          "2:\n"
          "pop {r4-r8, pc}\n");
}

EDGEC_BLOCK_KERNEL void edgec_add_mve_i8(const edgec_add_mve *op, int32_t count, const int8_t *a, const int8_t *b, int8_t *y)
{
  edgec_sums_mve(op, a, b, y, count);
  edgec_clamp_mve(op->low, op->high, y, count);
}

/* Of halfwords without zero points, whose multipliers are two halves of 16 bits, the lower one signed: the shifted sum of the
   products with the upper ones, to which the lower ones' carry, no different from the sum in 64 bits as `shift`, 16 less
   than that, is 1 or more. All fits 32 bits. */
typedef struct {
  int32_t a_upper;
  int32_t a_lower;
  int32_t b_upper;
  int32_t b_lower;
  int32_t shift; /* negative */
  int32_t low;
  int32_t high;
} edgec_add16_mve;

/* y may be a or b. 12 instructions for 4 elements. */
EDGEC_ASSEMBLY void edgec_sums16_mve(EDGEC_ARGUMENT const edgec_add16_mve *op, EDGEC_ARGUMENT const int16_t *a,
                                     EDGEC_ARGUMENT const int16_t *b, EDGEC_ARGUMENT int16_t *y,
                                     EDGEC_ARGUMENT int32_t count)
{
  __asm__("push {r4-r8, lr}\n"
          "ldr r12, [sp, #24]\n"
          "ldm r0, {r4-r8}\n"
          "wlstp.32 lr, r12, 2f\n"
          "1:\n"
          "vldrh.s32 q0, [r1], #8\n"
          "vldrh.s32 q1, [r2], #8\n"
          "vmul.i32 q2, q0, r4\n"
          "vmul.i32 q3, q0, r5\n"
          "vmla.s32 q2, q1, r6\n"
          "vmla.s32 q3, q1, r7\n"
          "vshr.s32 q3, q3, #16\n"
          "vadd.i32 q2, q2, q3\n"
          "vrshl.s32 q2, r8\n"
          "vqmovnb.s32 q2, q2\n"
          "vstrh.32 q2, [r3], #8\n"
          "letp lr, 1b\n"
          "2:\n"
          "pop {r4-r8, pc}\n");
}

EDGEC_BLOCK_KERNEL void edgec_add_mve_i16(const edgec_add16_mve *op, int32_t count, const int16_t *a, const int16_t *b,
                                          int16_t *y)
{
  edgec_sums16_mve(op, a, b, y, count);
  edgec_clamp16_mve(op->low, op->high, y, count);
}

#endif
