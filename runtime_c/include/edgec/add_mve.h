/* Sums and differences of bytes, element by element, with the vectors of Armv8.1-M. */
#ifndef EDGEC_ADD_MVE_H
#define EDGEC_ADD_MVE_H

#include "edgec/block_mve.h"

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

#endif
