/* Products of bytes and of halfwords, element by element, with the vectors of Armv8.1-M. */
#ifndef EDGEC_MUL_MVE_H
#define EDGEC_MUL_MVE_H

#include "edgec/block16_mve.h"

/* (a - a_zero) * (b - b_zero) becomes a code as in block_mve.h. */
typedef struct {
  int32_t a_zero;
  int32_t b_zero;
  int32_t multiplier;
  int32_t right; /* 31 - shift */
  int32_t zero_point;
  int32_t step; /* of b, in bytes: of 8 elements, or 0 for an element that stands there 8 times */
  int32_t low;
  int32_t high;
} edgec_mul_mve;

/* Codes of 8 products, without the zero point. */
#define EDGEC_MVE_PRODUCTS16   \
  "vmullb.s16 q2, q0, q1\n"    \
  "vmullt.s16 q3, q0, q1\n"    \
  "vqdmulh.s32 q2, q2, r6\n"   \
  "vqdmulh.s32 q3, q3, r6\n"   \
  "vrshl.s32 q2, r7\n"         \
  "vrshl.s32 q3, r7\n"         \
  "vqmovnb.s32 q2, q2\n"       \
  "vqmovnt.s32 q2, q3\n"

#define EDGEC_MVE_PRODUCTS     \
  "vsub.i16 q0, q0, r4\n"      \
  "vsub.i16 q1, q1, r5\n"      \
  EDGEC_MVE_PRODUCTS16         \
  "vqadd.s16 q2, q2, r8\n"     \
  "vqmovnb.s16 q2, q2\n"

/* y may be a or b. 17 instructions for 8 elements. Only loads and stores of what is left are predicated: products of halfwords
   are wider than the elements that there are. */
EDGEC_ASSEMBLY void edgec_products_mve(EDGEC_ARGUMENT const edgec_mul_mve *op, EDGEC_ARGUMENT const int8_t *a,
                                       EDGEC_ARGUMENT const int8_t *b, EDGEC_ARGUMENT int8_t *y,
                                       EDGEC_ARGUMENT int32_t count)
{
  __asm__("push {r4-r9, lr}\n"
          "ldr r12, [sp, #28]\n"
          "ldm r0, {r4-r9}\n"
          "lsr r0, r12, #3\n"
          "wls lr, r0, 2f\n"
          "1:\n"
          "vldrb.s16 q0, [r1], #8\n"
          "vldrb.s16 q1, [r2]\n"
          "add r2, r9\n"
          EDGEC_MVE_PRODUCTS
          "vstrb.16 q2, [r3], #8\n"
          "le lr, 1b\n"
          "2:\n"
          "ands r12, r12, #7\n"
          "beq 3f\n"
          "vctp.16 r12\n"
          "vpstt\n"
          "vldrbt.s16 q0, [r1]\n"
          "vldrbt.s16 q1, [r2]\n"
          EDGEC_MVE_PRODUCTS
          "vpst\n"
          "vstrbt.16 q2, [r3]\n"
          "3:\n"
          "pop {r4-r9, pc}\n");
}

EDGEC_BLOCK_KERNEL void edgec_mul_mve_i8(const edgec_mul_mve *op, int32_t count, const int8_t *a, const int8_t *b, int8_t *y)
{
  edgec_products_mve(op, a, b, y, count);
  edgec_clamp_mve(op->low, op->high, y, count);
}

/* Of halfwords without zero points, for which `step` is 16. 12 instructions for 8 elements. */
EDGEC_ASSEMBLY void edgec_products16_mve(EDGEC_ARGUMENT const edgec_mul_mve *op, EDGEC_ARGUMENT const int16_t *a,
                                         EDGEC_ARGUMENT const int16_t *b, EDGEC_ARGUMENT int16_t *y,
                                         EDGEC_ARGUMENT int32_t count)
{
  __asm__("push {r4-r9, lr}\n"
          "ldr r12, [sp, #28]\n"
          "ldm r0, {r4-r9}\n"
          "lsr r0, r12, #3\n"
          "wls lr, r0, 2f\n"
          "1:\n"
          "vldrh.16 q0, [r1], #16\n"
          "vldrh.16 q1, [r2]\n"
          "add r2, r9\n"
          EDGEC_MVE_PRODUCTS16
          "vstrh.16 q2, [r3], #16\n"
          "le lr, 1b\n"
          "2:\n"
          "ands r12, r12, #7\n"
          "beq 3f\n"
          "vctp.16 r12\n"
          "vpstt\n"
          "vldrht.16 q0, [r1]\n"
          "vldrht.16 q1, [r2]\n"
          EDGEC_MVE_PRODUCTS16
          "vpst\n"
          "vstrht.16 q2, [r3]\n"
          "3:\n"
          "pop {r4-r9, pc}\n");
}

EDGEC_BLOCK_KERNEL void edgec_mul_mve_i16(const edgec_mul_mve *op, int32_t count, const int16_t *a, const int16_t *b,
                                          int16_t *y)
{
  edgec_products16_mve(op, a, b, y, count);
  edgec_clamp16_mve(op->low, op->high, y, count);
}

#endif
