/* Blocks of sums of products of halfwords and bytes with the vectors of Armv8.1-M: as block_mve.h has them, with 8 taps a
   step and results of 16 bits. */
#ifndef EDGEC_BLOCK16_MVE_H
#define EDGEC_BLOCK16_MVE_H

#include "edgec/block_mve.h"

/* A step of 2 pixels (r9, r11) by 4 channels (r1). */
#define EDGEC_MVE_STEP16_2X4(mla)    \
  "vldrh.16 q0, [r9], #16\n"         \
  "vldrb.s16 q2, [r1], #32\n"        \
  mla ".s16 r0, q0, q2\n"            \
  "vldrh.16 q1, [r11], #16\n"        \
  mla ".s16 r8, q1, q2\n"            \
  "vldrb.s16 q3, [r1, #-24]\n"       \
  mla ".s16 r2, q0, q3\n"            \
  mla ".s16 r10, q1, q3\n"           \
  "vldrb.s16 q2, [r1, #-16]\n"       \
  mla ".s16 r4, q0, q2\n"            \
  mla ".s16 r12, q1, q2\n"           \
  "vldrb.s16 q3, [r1, #-8]\n"        \
  mla ".s16 r6, q0, q3\n"            \
  mla ".s16 lr, q1, q3\n"

/* The groups of 4 channels of a stream from `begin` to `end`, of `count` pixels of x, 2 or more, which are `pixel` bytes
   apart and read by whole steps. Two pixels at a time: 16 instructions a step, which is 64 products. Where the count is odd
   the last two are the last ones. */
EDGEC_ASSEMBLY void edgec_pixels16_2x4_mve(EDGEC_ARGUMENT const edgec_block_mve *op, EDGEC_ARGUMENT const int16_t *x,
                                           EDGEC_ARGUMENT int32_t pixel, EDGEC_ARGUMENT int16_t *y,
                                           EDGEC_ARGUMENT int32_t count, EDGEC_ARGUMENT const uint32_t *begin,
                                           EDGEC_ARGUMENT const uint32_t *end)
{
  /* On the stack: 0 x of both pixels, 8 end, 12 begin, 16 y, 20 count, 24 bytes of a pixel, 28 from one pixel of y to the
     next, 32 from one pixel of x to the next. */
  __asm__("push {r4-r11, lr}\n"
          "vpush {d8-d9}\n"
          "sub sp, #36\n"
          "ldrd r4, r5, [r0, #8]\n" /* out_channels, steps */
          "ldr r6, [r0, #16]\n"
          "vdup.16 q4, r6\n"
          "lsls r4, r4, #1\n"
          "lsls r5, r5, #4\n"
          "ldrd r6, r8, [sp, #88]\n"
          "ldr r9, [sp, #96]\n"
          "strd r9, r8, [sp, #8]\n"
          "strd r3, r6, [sp, #16]\n"
          "strd r5, r4, [sp, #24]\n"
          "str r2, [sp, #32]\n"
          "1:\n" /* two pixels: r1 x, r2 from one pixel of x to the next, r3 y, r4 from one of y to the next */
          "mov r7, r3\n"
          "add r5, r7, r4\n"
          "add r6, r1, r2\n"
          "strd r1, r6, [sp]\n"
          "ldr r3, [sp, #24]\n"
          "add r3, r1\n"
          "ldr r1, [sp, #12]\n"
          "2:\n" /* a group: r9, r11 x, r1 stream, r7, r5 y, r3 x's end */
          "ldrd r9, r11, [sp]\n"
          EDGEC_MVE_STEP16_2X4("vmladav")
          "cmp r9, r3\n"
          "beq 4f\n"
          "3:\n" EDGEC_MVE_STEP16_2X4("vmladava")
          "cmp r9, r3\n"
          "bne 3b\n"
          "4:\n"
          "vmov q0[2], q0[0], r0, r4\n"
          "vldrw.32 q2, [r1], #48\n"
          "vmov q0[3], q0[1], r2, r6\n"
          "vldrw.32 q3, [r1, #-32]\n"
          "vadd.i32 q0, q0, q2\n"
          "vmov q1[2], q1[0], r8, r12\n"
          "vqdmulh.s32 q0, q0, q3\n"
          "vmov q1[3], q1[1], r10, lr\n"
          "vadd.i32 q1, q1, q2\n"
          "vldrw.32 q2, [r1, #-16]\n"
          "vqdmulh.s32 q1, q1, q3\n"
          "vrshl.s32 q0, q0, q2\n"
          "vrshl.s32 q1, q1, q2\n"
          "ldr r0, [sp, #8]\n"
          "vqmovnb.s32 q0, q0\n" /* halfwords of both pixels by turns */
          "vqmovnt.s32 q0, q1\n"
          "vqadd.s16 q0, q0, q4\n"
          "vstrh.32 q0, [r7], #8\n"
          "vshr.u32 q0, q0, #16\n"
          "vstrh.32 q0, [r5], #8\n"
          "cmp r1, r0\n"
          "bne 2b\n"
          "ldrd r3, r5, [sp, #16]\n"
          "subs r5, r5, #2\n"
          "beq 8f\n"
          "ldr r1, [sp]\n"
          "ldrd r4, r2, [sp, #28]\n"
          "cmp r5, #1\n"
          "add r1, r2\n"
          "add r3, r4\n"
          "itte ne\n"
          "addne r1, r2\n"
          "addne r3, r4\n"
          "moveq r5, #2\n"
          "strd r3, r5, [sp, #16]\n"
          "b 1b\n"
          "8:\n"
          "add sp, #36\n"
          "vpop {d8-d9}\n"
          "pop {r4-r11, pc}\n");
}

EDGEC_MVE_FEW_CHANNELS(edgec_few_channels16_mve, int16_t, edgec_pixels16_2x4_mve, 3)

/* The channels of a stream (block_mve.h: edgec_group_pixels_mve). */
EDGEC_FUNCTION void edgec_group_pixels16_mve(const edgec_block_mve *op, const uint32_t *stream, const int16_t *x,
                                             int32_t pixel, int16_t *y, int32_t count)
{
  const int32_t over = op->channels % 4;
  const uint32_t *const end = stream + op->group * ((op->channels + 3) / 4);
  if (op->channels < 4) {
    edgec_few_channels16_mve(op, stream, x, pixel, y, count);
    return;
  }
  if (over > 0) {
    edgec_pixels16_2x4_mve(op, x, pixel, y, count, stream, stream + op->group);
    stream += op->group;
  }
  edgec_pixels16_2x4_mve(op, x, pixel, y + over, count, stream, end);
}

EDGEC_FUNCTION void edgec_pixels16_mve(const edgec_block_mve *op, const int16_t *x, int32_t pixel, int16_t *y,
                                       int32_t count)
{
  edgec_group_pixels16_mve(op, op->stream, x, pixel, y, count);
}

/* Clamp finished codes where the clamp is narrower than a halfword. */
EDGEC_ASSEMBLY void edgec_limit16_mve(EDGEC_ARGUMENT int16_t *y, EDGEC_ARGUMENT int32_t count, EDGEC_ARGUMENT int32_t low,
                                      EDGEC_ARGUMENT int32_t high)
{
  __asm__("push {r4, lr}\n"
          "vdup.16 q1, r2\n"
          "vdup.16 q2, r3\n"
          "wlstp.16 lr, r1, 2f\n"
          "1:\n"
          "vldrh.16 q0, [r0]\n"
          "vmax.s16 q0, q0, q1\n"
          "vmin.s16 q0, q0, q2\n"
          "vstrh.16 q0, [r0], #16\n"
          "letp lr, 1b\n"
          "2:\n"
          "pop {r4, pc}\n");
}

EDGEC_INLINE void edgec_clamp16_mve(int32_t low, int32_t high, int16_t *y, int32_t count)
{
  if (low > INT16_MIN || high < INT16_MAX) {
    edgec_limit16_mve(y, count, low, high);
  }
}

#endif
