/* Between numbers and bytes with one scale for all, with the DSP extension and a floating-point unit. */
#ifndef EDGEC_QUANTIZE_DSP_H
#define EDGEC_QUANTIZE_DSP_H

#include "edgec/block_dsp.h"
#include "edgec/quantize.h"

/* A code c stands for (c - zero_point) * scale. */
typedef struct {
  float scale;
  int32_t zero_point;
} edgec_scale_dsp;

/* y = saturate(round(x / scale) + zero_point), half way to even; NaN gives the zero point. That is how VCVTR rounds and
   saturates, as long as nobody sets another mode of rounding. */
#if defined(__ARM_FP) && (__ARM_FP & 4)
EDGEC_ASSEMBLY void edgec_quantize_dsp_i8(EDGEC_ARGUMENT const edgec_scale_dsp *op, EDGEC_ARGUMENT const float *x,
                                          EDGEC_ARGUMENT int8_t *y, EDGEC_ARGUMENT int32_t count)
{
  __asm__("push {r4-r6, lr}\n"
          "vldr s4, [r0]\n"
          "ldr r12, [r0, #4]\n"
          "lsrs lr, r3, #2\n"
          "beq 2f\n"
          "1:\n"
          "vldm r1!, {s0-s3}\n"
          "vdiv.f32 s0, s0, s4\n"
          "vdiv.f32 s1, s1, s4\n"
          "vdiv.f32 s2, s2, s4\n"
          "vdiv.f32 s3, s3, s4\n"
          "vcvtr.s32.f32 s0, s0\n"
          "vcvtr.s32.f32 s1, s1\n"
          "vcvtr.s32.f32 s2, s2\n"
          "vcvtr.s32.f32 s3, s3\n"
          "vmov r0, r4, s0, s1\n"
          "vmov r5, r6, s2, s3\n"
          "qadd r0, r0, r12\n"
          "qadd r4, r4, r12\n"
          "qadd r5, r5, r12\n"
          "qadd r6, r6, r12\n"
          "ssat r0, #8, r0\n"
          "ssat r4, #8, r4\n"
          "ssat r5, #8, r5\n"
          "ssat r6, #8, r6\n"
          "bfi r0, r4, #8, #8\n"
          "bfi r5, r6, #8, #8\n"
          "pkhbt r0, r0, r5, lsl #16\n"
          "str r0, [r2], #4\n"
          "subs lr, lr, #1\n"
          "bne 1b\n"
          "2:\n"
          "ands r3, r3, #3\n"
          "beq 4f\n"
          "3:\n"
          "vldm r1!, {s0}\n"
          "vdiv.f32 s0, s0, s4\n"
          "vcvtr.s32.f32 s0, s0\n"
          "vmov r0, s0\n"
          "qadd r0, r0, r12\n"
          "ssat r0, #8, r0\n"
          "strb r0, [r2], #1\n"
          "subs r3, r3, #1\n"
          "bne 3b\n"
          "4:\n"
          "pop {r4-r6, pc}\n");
}
#else
EDGEC_BLOCK_KERNEL void edgec_quantize_dsp_i8(const edgec_scale_dsp *op, const float *x, int8_t *y, int32_t count)
{
  for (int32_t i = 0; i < count; ++i) {
    y[i] = (int8_t)edgec_rounded(x[i] / op->scale, op->zero_point, INT8_MIN, INT8_MAX);
  }
}
#endif

/* y = (x - zero_point) * scale */
#if defined(__ARM_FP) && (__ARM_FP & 4)
EDGEC_ASSEMBLY void edgec_dequantize_dsp_i8(EDGEC_ARGUMENT const edgec_scale_dsp *op, EDGEC_ARGUMENT const int8_t *x,
                                            EDGEC_ARGUMENT float *y, EDGEC_ARGUMENT int32_t count)
{
  __asm__("push {r4-r6, lr}\n"
          "vldr s4, [r0]\n"
          "ldr r12, [r0, #4]\n"
          "rsb r12, r12, #0\n"
          "lsrs lr, r3, #2\n"
          "beq 2f\n"
          "1:\n"
          "ldr r0, [r1], #4\n"
          "sxtab r4, r12, r0\n"
          "sxtab r5, r12, r0, ror #8\n"
          "sxtab r6, r12, r0, ror #16\n"
          "sxtab r0, r12, r0, ror #24\n"
          "vmov s0, s1, r4, r5\n"
          "vmov s2, s3, r6, r0\n"
          "vcvt.f32.s32 s0, s0\n"
          "vcvt.f32.s32 s1, s1\n"
          "vcvt.f32.s32 s2, s2\n"
          "vcvt.f32.s32 s3, s3\n"
          "vmul.f32 s0, s0, s4\n"
          "vmul.f32 s1, s1, s4\n"
          "vmul.f32 s2, s2, s4\n"
          "vmul.f32 s3, s3, s4\n"
          "vstm r2!, {s0-s3}\n"
          "subs lr, lr, #1\n"
          "bne 1b\n"
          "2:\n"
          "ands r3, r3, #3\n"
          "beq 4f\n"
          "3:\n"
          "ldrsb r0, [r1], #1\n"
          "add r0, r12\n"
          "vmov s0, r0\n"
          "vcvt.f32.s32 s0, s0\n"
          "vmul.f32 s0, s0, s4\n"
          "vstm r2!, {s0}\n"
          "subs r3, r3, #1\n"
          "bne 3b\n"
          "4:\n"
          "pop {r4-r6, pc}\n");
}
#else
EDGEC_BLOCK_KERNEL void edgec_dequantize_dsp_i8(const edgec_scale_dsp *op, const int8_t *x, float *y, int32_t count)
{
  for (int32_t i = 0; i < count; ++i) {
    y[i] = (float)(x[i] - op->zero_point) * op->scale;
  }
}
#endif

#endif
