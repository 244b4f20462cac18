/* Blocks of sums of float32 products with the vectors of Armv8.1-M: those of block_vfp.h, four channels a vector.

   A vector's multiplication and addition round as those of scalars do, but always take subnormal numbers for 0 and make 0 of
   subnormal results. Wherever they do, they set a flag of FPSCR: IDC for an operand, UFC for a result. So each block clears
   both, computes, and if one is set afterwards it is computed again by scalars, so that all bits are as they are everywhere.
   FPSCR is as it was when a block is left. */
#ifndef EDGEC_BLOCK_F32_MVE_H
#define EDGEC_BLOCK_F32_MVE_H

#include "edgec/block_vfp.h"

#if !defined(__ARM_FEATURE_MVE) || __ARM_FEATURE_MVE < 3
#error "these kernels need the floating-point vectors of Armv8.1-M: compile for the core that the model was made for"
#endif

/* 112 bytes on the stack, the first word is FPSCR, of the second and the third the function does what it wants. */
#define EDGEC_MVE_ENTER     \
  "push {r4-r11, lr}\n"     \
  "vpush {d8-d15}\n"        \
  "sub sp, #12\n"           \
  "vmrs r12, fpscr\n"       \
  "str r12, [sp]\n"         \
  "bic r12, r12, #0x88\n"   \
  "vmsr fpscr, r12\n"

/* Returns the two flags. */
#define EDGEC_MVE_LEAVE     \
  "vmrs r0, fpscr\n"        \
  "and r0, r0, #0x88\n"     \
  "ldr r12, [sp]\n"         \
  "vmsr fpscr, r12\n"       \
  "add sp, #12\n"           \
  "vpop {d8-d15}\n"         \
  "pop {r4-r11, pc}\n"

/* Sums (`each` of them) become results by the clamp r6 of the layer at r10, as edgec_block_vfp has it; r7 and q4 are free.
   NaN is the default one, whose sign is not set: as integers, negative numbers and -0 are below zero, and it is not. */
#define EDGEC_MVE_CLAMPED(each)  \
  "cmp r6, #2\n"                 \
  "beq 7f\n"                     \
  "cmp r6, #0\n"                 \
  "beq 9f\n"                     \
  "vmov.i32 q4, #0\n"            \
  each(EDGEC_MVE_NOT_NEGATIVE)   \
  "cmp r6, #1\n"                 \
  "beq 9f\n"                     \
  "b 8f\n"                       \
  "7:\n"                         \
  "ldr r7, [r10, #20]\n"         \
  "vdup.32 q4, r7\n"             \
  each(EDGEC_MVE_NOT_BELOW)      \
  "8:\n"                         \
  "ldr r7, [r10, #24]\n"         \
  "vdup.32 q4, r7\n"             \
  each(EDGEC_MVE_NOT_ABOVE)      \
  "9:\n"

#define EDGEC_MVE_NOT_NEGATIVE(q) "vmax.s32 " q ", " q ", q4\n"
#define EDGEC_MVE_NOT_BELOW(q) "vpt.f32 gt, q4, " q "\n" "vmovt " q ", q4\n" /* not lt, which NaN is, too */
#define EDGEC_MVE_NOT_ABOVE(q) "vpt.f32 gt, " q ", r7\n" "vmovt " q ", q4\n"

#define EDGEC_MVE_TWO(each) each("q0") each("q1")
#define EDGEC_MVE_THREE(each) EDGEC_MVE_TWO(each) each("q2")
#define EDGEC_MVE_FOUR(each) EDGEC_MVE_THREE(each) each("q3")

/* Two taps of a pixel at `x` by weights q4 and q5. */
#define EDGEC_MVE_TAPS(x, sum)        \
  "ldrd r5, r6, [" x "], #8\n"        \
  "vmul.f32 q6, q4, r5\n"             \
  "vmul.f32 q7, q5, r6\n"             \
  "vadd.f32 " sum ", " sum ", q6\n"   \
  "vadd.f32 " sum ", " sum ", q7\n"

#define EDGEC_MVE_PAIR_4X4     \
  "vldmia r4!, {d8-d11}\n"     \
  EDGEC_MVE_TAPS("r0", "q0")   \
  EDGEC_MVE_TAPS("r1", "q1")   \
  EDGEC_MVE_TAPS("r2", "q2")   \
  EDGEC_MVE_TAPS("r3", "q3")

/* One tap; also of a whole run, if it has no more. */
#define EDGEC_MVE_SINGLE_4X4     \
  "vldrw.32 q4, [r4], #16\n"     \
  "ldr r5, [r0], #4\n"           \
  "ldr r6, [r1], #4\n"           \
  "ldr r7, [r2], #4\n"           \
  "ldr r8, [r3], #4\n"           \
  "vmul.f32 q5, q4, r5\n"        \
  "vmul.f32 q6, q4, r6\n"        \
  "vadd.f32 q0, q0, q5\n"        \
  "vmul.f32 q7, q4, r7\n"        \
  "vadd.f32 q1, q1, q6\n"        \
  "vmul.f32 q5, q4, r8\n"        \
  "vadd.f32 q2, q2, q7\n"        \
  "vadd.f32 q3, q3, q5\n"

/* All channels of 4 pixels: edgec_block_4x4_vfp. 21 instructions for 32 products. */
EDGEC_ASSEMBLY uint32_t edgec_sums_4x4_mve(EDGEC_ARGUMENT const float *a, EDGEC_ARGUMENT const float *b,
                                           EDGEC_ARGUMENT const float *c, EDGEC_ARGUMENT const float *d,
                                           EDGEC_ARGUMENT float *y, EDGEC_ARGUMENT const edgec_block_vfp *op)
{
  /* r0-r3 pixels, r4 stream, r9 y, r10 layer, r11 runs that are left, r12 what is over of one; on the stack groups */
  __asm__(EDGEC_MVE_ENTER
          "ldrd r9, r10, [sp, #112]\n"
          "ldrd r4, r5, [r10]\n"
          "ldr r12, [r10, #36]\n"
          "str r5, [sp, #4]\n"
          "1:\n" /* a group of channels */
          "vldrw.32 q0, [r4], #16\n"
          "ldr r11, [r10, #28]\n"
          "vmov q1, q0\n"
          "vmov q2, q0\n"
          "vmov q3, q0\n"
          "2:\n" /* a run */
          "ldr lr, [r10, #32]\n"
          "wls lr, lr, 5f\n"
          "lsls r5, r12, #31\n"
          "bcs 4f\n"
          "3:\n" EDGEC_MVE_PAIR_4X4
          "4:\n" EDGEC_MVE_PAIR_4X4
          "le lr, 3b\n"
          "tst r12, #1\n"
          "beq 6f\n"
          "5:\n" EDGEC_MVE_SINGLE_4X4
          "6:\n"
          "ldr r5, [r10, #40]\n"
          "add r0, r5\n"
          "add r1, r5\n"
          "add r2, r5\n"
          "add r3, r5\n"
          "subs r11, r11, #1\n"
          "bne 2b\n"
          "ldr r5, [r10, #44]\n"
          "sub r0, r0, r5\n"
          "sub r1, r1, r5\n"
          "sub r2, r2, r5\n"
          "sub r3, r3, r5\n"
          "ldrd r5, r6, [r10, #12]\n");
  __asm__(EDGEC_MVE_CLAMPED(EDGEC_MVE_FOUR)
          "add r6, r9, r5\n"
          "vstrw.32 q0, [r9], #16\n"
          "vstrw.32 q1, [r6]\n"
          "add r6, r5\n"
          "vstrw.32 q2, [r6]\n"
          "add r6, r5\n"
          "vstrw.32 q3, [r6]\n"
          "ldr r6, [sp, #4]\n" /* the last group lies back */
          "subs r6, r6, #1\n"
          "beq 8f\n"
          "str r6, [sp, #4]\n"
          "cmp r6, #1\n"
          "bne.w 1b\n"
          "ldr r6, [r10, #8]\n"
          "sub r9, r9, r6\n"
          "b.w 1b\n"
          "8:\n"
          EDGEC_MVE_LEAVE);
}

/* Four taps r5-r8 by the weights q2-q5. */
#define EDGEC_MVE_FOUR_TAPS(sum)      \
  "vmul.f32 q6, q2, r5\n"             \
  "vmul.f32 q7, q3, r6\n"             \
  "vadd.f32 " sum ", " sum ", q6\n"   \
  "vmul.f32 q6, q4, r7\n"             \
  "vadd.f32 " sum ", " sum ", q7\n"   \
  "vmul.f32 q7, q5, r8\n"             \
  "vadd.f32 " sum ", " sum ", q6\n"   \
  "vadd.f32 " sum ", " sum ", q7\n"

/* All channels of one pixel by two groups at a time: edgec_block_1x8_vfp. 20 instructions for 32 products. */
EDGEC_ASSEMBLY uint32_t edgec_sums_1x8_mve(EDGEC_ARGUMENT const float *x, EDGEC_ARGUMENT float *y,
                                           EDGEC_ARGUMENT const edgec_block_vfp *op)
{
  /* r0 pixel, r4 and r3 stream, r9 and r11 y, r10 layer, r1 fours of taps, r2 what is over; on the stack groups */
  __asm__(EDGEC_MVE_ENTER
          "mov r9, r1\n"
          "mov r10, r2\n"
          "ldrd r4, r5, [r10]\n"
          "ldr r2, [r10, #48]\n"
          "str r5, [sp, #4]\n"
          "lsr r1, r2, #2\n"
          "and r2, r2, #3\n"
          "1:\n" /* two groups of channels */
          "ldr r12, [r10, #52]\n"
          "ldr r5, [sp, #4]\n"
          "add r3, r4, r12\n"
          "cmp r5, #1\n"
          "it eq\n"
          "moveq r3, r4\n"
          "ldr r11, [r10, #28]\n"
          "vldrw.32 q0, [r4], #16\n"
          "vldrw.32 q1, [r3], #16\n"
          "2:\n" /* a run */
          "wls lr, r1, 4f\n"
          "3:\n"
          "ldm r0!, {r5-r8}\n"
          "vldmia r4!, {d4-d11}\n"
          EDGEC_MVE_FOUR_TAPS("q0")
          "vldmia r3!, {d4-d11}\n"
          EDGEC_MVE_FOUR_TAPS("q1")
          "le lr, 3b\n"
          "4:\n"
          "wls lr, r2, 6f\n"
          "5:\n"
          "ldr r5, [r0], #4\n"
          "vldrw.32 q2, [r4], #16\n"
          "vldrw.32 q3, [r3], #16\n"
          "vmul.f32 q6, q2, r5\n"
          "vmul.f32 q7, q3, r5\n"
          "vadd.f32 q0, q0, q6\n"
          "vadd.f32 q1, q1, q7\n"
          "le lr, 5b\n"
          "6:\n"
          "ldr r5, [r10, #40]\n"
          "add r0, r5\n"
          "subs r11, r11, #1\n"
          "bne 2b\n"
          "ldr r5, [r10, #44]\n"
          "sub r0, r0, r5\n");
  __asm__("mov r4, r3\n"
          "ldr r5, [sp, #4]\n" /* the last group lies back */
          "ldr r12, [r10, #8]\n"
          "add r11, r9, #16\n"
          "cmp r5, #2\n"
          "it eq\n"
          "subeq r11, r11, r12\n"
          "itt lo\n"
          "sublo r9, r9, r12\n"
          "movlo r11, r9\n"
          "ldr r6, [r10, #16]\n"
          EDGEC_MVE_CLAMPED(EDGEC_MVE_TWO)
          "vstrw.32 q0, [r9], #32\n"
          "vstrw.32 q1, [r11]\n"
          "subs r5, r5, #2\n"
          "str r5, [sp, #4]\n"
          "bgt.w 1b\n"
          EDGEC_MVE_LEAVE);
}

EDGEC_FUNCTION void edgec_block_4x4_mve(const float *a, const float *b, const float *c, const float *d, float *y,
                                        const edgec_block_vfp *op)
{
  if (edgec_sums_4x4_mve(a, b, c, d, y, op) != 0) {
    edgec_block_4x4_vmla(a, b, c, d, y, op);
  }
}

EDGEC_FUNCTION void edgec_block_1x8_mve(const float *x, float *y, const edgec_block_vfp *op)
{
  if (edgec_sums_1x8_mve(x, y, op) != 0) {
    edgec_block_1x8_vmla(x, y, op);
  }
}

#endif
