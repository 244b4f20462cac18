/* Each channel by a weight of its own and shifted, which is depthwise convolution by a window of one tap, of bytes with the
   vectors of Armv8.1-M. */
#ifndef EDGEC_SCALE_MVE_H
#define EDGEC_SCALE_MVE_H

#include "edgec/block_mve.h"

/* stream: of each 4 channels their weights, biases, multipliers, and 31 - shift (block_mve.h). */
typedef struct {
  const int32_t *stream;
  int32_t channels;
  int32_t zero_point;
  int32_t low; /* clamp of the code */
  int32_t high;
} edgec_scale_mve;

/* Loads of channels that there are not find zeros. */
EDGEC_ASSEMBLY void edgec_scaled_pixels_mve(EDGEC_ARGUMENT const edgec_scale_mve *op, EDGEC_ARGUMENT const int8_t *x,
                                            EDGEC_ARGUMENT int8_t *y, EDGEC_ARGUMENT int32_t pixels)
{
  __asm__("push {r4-r7, lr}\n"
          "vpush {d8-d9}\n"
          "ldm r0, {r4-r6}\n"
          "vdup.16 q4, r6\n"
          "1:\n"
          "mov r7, r4\n"
          "mov r0, r1\n"
          "mov r6, r2\n"
          "dlstp.32 lr, r5\n"
          "2:\n"
          "vldrb.s32 q0, [r0], #4\n"
          "vldrw.32 q1, [r7], #64\n"
          "vmul.i32 q0, q0, q1\n"
          "vldrw.32 q2, [r7, #-48]\n"
          "vadd.i32 q0, q0, q2\n"
          "vldrw.32 q3, [r7, #-32]\n"
          "vqdmulh.s32 q0, q0, q3\n"
          "vldrw.32 q1, [r7, #-16]\n"
          "vrshl.s32 q0, q0, q1\n"
          "vqmovnb.s32 q0, q0\n"
          "vqadd.s16 q0, q0, q4\n"
          "vqmovnb.s16 q0, q0\n"
          "vstrb.32 q0, [r6], #4\n"
          "letp lr, 2b\n"
          "add r1, r5\n"
          "add r2, r5\n"
          "subs r3, r3, #1\n"
          "bne 1b\n"
          "vpop {d8-d9}\n"
          "pop {r4-r7, pc}\n");
}

EDGEC_BLOCK_KERNEL void edgec_scale_mve_i8(const edgec_scale_mve *op, int32_t pixels, const int8_t *x, int8_t *y)
{
  edgec_scaled_pixels_mve(op, x, y, pixels);
  edgec_clamp_mve(op->low, op->high, y, pixels * op->channels);
}

#endif
