/* Dense and convolution by a 1x1 window, of bytes, with the vectors of Armv8.1-M. */
#ifndef EDGEC_DENSE_MVE_H
#define EDGEC_DENSE_MVE_H

#include "edgec/block_mve.h"

typedef struct {
  int32_t in_channels;
  edgec_block_mve block;
} edgec_dense_mve;

/* A step of a pixel (r1) by 8 channels (r3). */
#define EDGEC_MVE_STEP_1X8(mla) \
  "vldrb.8 q0, [r1], #16\n"     \
  "vldrb.8 q1, [r3], #64\n"     \
  mla ".s8 r0, q0, q1\n"        \
  "vldrb.8 q2, [r3, #-48]\n"    \
  mla ".s8 r2, q0, q2\n"        \
  "vldrb.8 q1, [r3, #-32]\n"    \
  mla ".s8 r4, q0, q1\n"        \
  "vldrb.8 q2, [r3, #-16]\n"    \
  mla ".s8 r6, q0, q2\n"        \
  "vldrb.8 q1, [r3], #64\n"     \
  mla ".s8 r8, q0, q1\n"        \
  "vldrb.8 q2, [r3, #-48]\n"    \
  mla ".s8 r10, q0, q2\n"       \
  "vldrb.8 q1, [r3, #-32]\n"    \
  mla ".s8 r12, q0, q1\n"       \
  "vldrb.8 q2, [r3, #-16]\n"    \
  mla ".s8 lr, q0, q2\n"

/* A pixel, which is read by whole steps, of groups of 8 channels in the order 0, 2, 4, 6, 1, 3, 5, 7, so that two vectors
   of words become one of halfwords. 17 instructions a step, which is 128 products. */
EDGEC_ASSEMBLY void edgec_pixel_1x8_mve(EDGEC_ARGUMENT const edgec_block_mve *op, EDGEC_ARGUMENT const int8_t *x,
                                        EDGEC_ARGUMENT int8_t *y)
{
  /* r1 x, r3 stream, r5 y, r7 x's end, r9 channels that are left, r11 x's begin; on the stack where the loop is entered */
  __asm__("push {r4-r11, lr}\n"
          "vpush {d8-d9}\n"
          "sub sp, #4\n"
          "mov r11, r1\n"
          "mov r5, r2\n"
          "ldr r3, [r0]\n"
          "ldrd r9, r4, [r0, #8]\n" /* out_channels, steps */
          "ldr r6, [r0, #16]\n"
          "vdup.16 q4, r6\n"
          "add r7, r1, r4, lsl #4\n"
          "subs r4, r4, #1\n" /* four steps a turn, of the first so many that the last ends with the pixel */
          "adr.w r6, 9f\n"
          "beq 0f\n"
          "and r4, r4, #3\n"
          "adds r4, r4, #1\n"
          "0:\n"
          "ldrsh r4, [r6, r4, lsl #1]\n"
          "add r4, r6\n"
          "str r4, [sp]\n"
          "2:\n"
          "mov r1, r11\n"
          EDGEC_MVE_STEP_1X8("vmladav")
          "ldr pc, [sp]\n"
          "3:\n" EDGEC_MVE_STEP_1X8("vmladava")
          "4:\n" EDGEC_MVE_STEP_1X8("vmladava")
          "5:\n" EDGEC_MVE_STEP_1X8("vmladava")
          "6:\n" EDGEC_MVE_STEP_1X8("vmladava")
          "cmp r1, r7\n"
          "bne 3b\n"
          "7:\n"
          "vmov q0[2], q0[0], r0, r4\n"
          "vldrw.32 q2, [r3], #96\n"
          "vmov q0[3], q0[1], r2, r6\n"
          "vldrw.32 q3, [r3, #-80]\n"
          "vadd.i32 q0, q0, q2\n"
          "vmov q1[2], q1[0], r8, r12\n"
          "vldrw.32 q2, [r3, #-64]\n"
          "vmov q1[3], q1[1], r10, lr\n"
          "vadd.i32 q1, q1, q3\n"
          "vldrw.32 q3, [r3, #-48]\n"
          "vqdmulh.s32 q0, q0, q2\n"
          "vldrw.32 q2, [r3, #-32]\n"
          "vqdmulh.s32 q1, q1, q3\n"
          "vldrw.32 q3, [r3, #-16]\n"
          "vrshl.s32 q0, q0, q2\n"
          "vrshl.s32 q1, q1, q3\n"
          "vqmovnb.s32 q0, q0\n"
          "vqmovnt.s32 q0, q1\n"
          "vctp.16 r9\n"
          "vqadd.s16 q0, q0, q4\n"
          "vqmovnb.s16 q0, q0\n"
          "vpst\n"
          "vstrbt.16 q0, [r5], #8\n"
          "subs r9, r9, #8\n"
          "bgt 2b\n"
          "add sp, #4\n"
          "vpop {d8-d9}\n"
          "pop {r4-r11, pc}\n"
          ".p2align 1\n"
          "9:\n" /* for no further steps, for 4, 1, 2, 3 */
          ".short 7b - 9b + 1, 3b - 9b + 1, 6b - 9b + 1, 5b - 9b + 1, 4b - 9b + 1\n");
}

/* Pixel by pixel, any number of channels; groups of 8. scratch: a pixel, by whole steps. */
EDGEC_BLOCK_KERNEL void edgec_dense_mve_i8(const edgec_dense_mve *op, int32_t pixels, const int8_t *x, int8_t *y,
                                       void *scratch)
{
  int8_t *const copy = (int8_t *)scratch;
  int8_t *out = y;
  for (int32_t p = 0; p < pixels; ++p, x += op->in_channels, out += op->block.out_channels) {
    if (op->in_channels % 16 > 0) {
      edgec_copy_mve(copy, x, op->in_channels);
    }
    edgec_pixel_1x8_mve(&op->block, op->in_channels % 16 > 0 ? copy : x, out);
  }
  edgec_clamp_mve(op->block.low, op->block.high, y, pixels * op->block.out_channels);
}

/* 2 pixels or more; groups of 4 channels. scratch: two pixels, by whole steps, for the last ones, of which a step
   would read what is behind x. */
EDGEC_BLOCK_KERNEL void edgec_pointwise_mve_i8(const edgec_dense_mve *op, int32_t pixels, const int8_t *x, int8_t *y,
                                           void *scratch)
{
  const int32_t in = op->in_channels;
  const int32_t out = op->block.out_channels;
  const int32_t bytes = op->block.steps * 16;
  int8_t *const copy = (int8_t *)scratch;
  int32_t whole = pixels - (bytes - in + in - 1) / in;
  if (whole < 2) {
    whole = 0;
  } else {
    edgec_pixels_mve(&op->block, x, in, y, whole);
  }
  for (int32_t next = whole; next < pixels; next += 2) {
    const int32_t p = next < pixels - 2 ? next : pixels - 2;
    edgec_copy_mve(copy, x + p * in, in);
    edgec_copy_mve(copy + bytes, x + (p + 1) * in, in);
    edgec_pixels_mve(&op->block, copy, bytes, y + p * out, 2);
  }
  edgec_clamp_mve(op->block.low, op->block.high, y, pixels * out);
}

#endif
