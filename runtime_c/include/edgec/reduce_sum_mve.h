/* Sums and means of bytes and halfwords over all pixels, for each channel, with the vectors of Armv8.1-M. */
#ifndef EDGEC_REDUCE_SUM_MVE_H
#define EDGEC_REDUCE_SUM_MVE_H

#include "edgec/block_mve.h"

/* One layer; a sum, which starts at `first`, becomes a code as in block_mve.h. */
typedef struct {
  int32_t pixels;
  int32_t channels;
  int32_t first;
  int32_t multiplier;
  int32_t right; /* 31 - shift */
  int32_t zero_point;
} edgec_reduce_sum_mve;

/* Halfwords hold the sum of 256 bytes. */
EDGEC_ASSEMBLY void edgec_reduce_sum_mve_i8(EDGEC_ARGUMENT const edgec_reduce_sum_mve *op, EDGEC_ARGUMENT const int8_t *x,
                                            EDGEC_ARGUMENT int8_t *y)
{
  __asm__("push {r4-r10, lr}\n"
          "vpush {d8-d9}\n"
          "ldm r0, {r3-r8}\n" /* all fields */
          "mov r9, r4\n"
          "1:\n" /* 8 channels of r9 that are left: r1 x, r2 y */
          "vctp.16 r9\n"
          "vdup.32 q2, r5\n" /* even channels */
          "vdup.32 q3, r5\n"
          "mov r0, r1\n"
          "mov r10, r3\n"
          "2:\n"
          "vmov.i32 q1, #0\n"
          "cmp r10, #256\n"
          "ite hi\n"
          "movhi lr, #256\n"
          "movls lr, r10\n"
          "sub r10, lr\n"
          "3:\n"
          "vpst\n"
          "vldrbt.s16 q0, [r0]\n"
          "vadd.i16 q1, q1, q0\n"
          "add r0, r4\n"
          "le lr, 3b\n"
          "vmovlb.s16 q0, q1\n"
          "vmovlt.s16 q1, q1\n"
          "vadd.i32 q2, q2, q0\n"
          "vadd.i32 q3, q3, q1\n"
          "cmp r10, #0\n"
          "bne 2b\n"
          "vqdmulh.s32 q2, q2, r6\n"
          "vqdmulh.s32 q3, q3, r6\n"
          "vrshl.s32 q2, r7\n"
          "vrshl.s32 q3, r7\n"
          "vqmovnb.s32 q2, q2\n"
          "vqmovnt.s32 q2, q3\n"
          "vqadd.s16 q2, q2, r8\n"
          "vqmovnb.s16 q2, q2\n"
          "vpst\n"
          "vstrbt.16 q2, [r2], #8\n"
          "add r1, #8\n"
          "subs r9, r9, #8\n"
          "bgt 1b\n"
          "vpop {d8-d9}\n"
          "pop {r4-r10, pc}\n");
}

/* Of halfwords, the sum of up to 2^15 of which fits a word: 4 channels at a time. */
EDGEC_ASSEMBLY void edgec_reduce_sum_mve_i16(EDGEC_ARGUMENT const edgec_reduce_sum_mve *op,
                                             EDGEC_ARGUMENT const int16_t *x, EDGEC_ARGUMENT int16_t *y)
{
  __asm__("push {r4-r10, lr}\n"
          "ldm r0, {r3-r8}\n" /* all fields */
          "mov r9, r4\n"
          "lsls r4, r4, #1\n"
          "1:\n" /* 4 channels of r9 that are left: r1 x, r2 y */
          "vctp.32 r9\n"
          "vdup.32 q1, r5\n"
          "mov r0, r1\n"
          "dls lr, r3\n"
          "2:\n"
          "vpst\n"
          "vldrht.s32 q0, [r0]\n"
          "vadd.i32 q1, q1, q0\n"
          "add r0, r4\n"
          "le lr, 2b\n"
          "vqdmulh.s32 q1, q1, r6\n"
          "vrshl.s32 q1, r7\n"
          "vqmovnb.s32 q1, q1\n"
          "vqadd.s16 q1, q1, r8\n"
          "vpst\n"
          "vstrht.32 q1, [r2], #8\n"
          "adds r1, #8\n"
          "subs r9, r9, #4\n"
          "bgt 1b\n"
          "pop {r4-r10, pc}\n");
}

#endif
