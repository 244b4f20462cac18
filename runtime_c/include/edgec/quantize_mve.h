/* Numbers to bytes and halfwords and back with the vectors of Armv8.1-M. What they do with subnormal numbers, taking them for 0, shows
   with scales only that code generation leaves to other kernels. */
#ifndef EDGEC_QUANTIZE_MVE_H
#define EDGEC_QUANTIZE_MVE_H

#include "edgec/assembly.h"

#if !defined(__ARM_FEATURE_MVE) || __ARM_FEATURE_MVE < 3
#error "these kernels need the floating-point vectors of Armv8.1-M: compile for the core that the model was made for"
#endif

/* upper + lower is the reciprocal of the scale so closely that quotients round to the same integers as with a division, up
   to where the codes saturate: code generation proves it for the scale. Both are positive, so that infinity stays what it
   is. */
typedef struct {
  float upper;
  float lower;
  int32_t zero_point;
} edgec_quantize_mve;

/* 9 instructions for 4 elements. NaN becomes the zero point. */
EDGEC_ASSEMBLY void edgec_quantize_mve_i8(EDGEC_ARGUMENT const edgec_quantize_mve *op, EDGEC_ARGUMENT const float *x,
                                          EDGEC_ARGUMENT int8_t *y, EDGEC_ARGUMENT int32_t count)
{
  __asm__("push {r4-r6, lr}\n"
          "ldm r0, {r4-r6}\n"
          "vdup.16 q2, r6\n"
          "wlstp.32 lr, r3, 2f\n"
          "1:\n"
          "vldrw.u32 q0, [r1], #16\n"
          "vmul.f32 q1, q0, r5\n"
          "vfma.f32 q1, q0, r4\n"
          "vcvtn.s32.f32 q1, q1\n"
          "vqmovnb.s32 q1, q1\n"
          "vqadd.s16 q1, q1, q2\n"
          "vqmovnb.s16 q1, q1\n"
          "vstrb.32 q1, [r2], #4\n"
          "letp lr, 1b\n"
          "2:\n"
          "pop {r4-r6, pc}\n");
}

/* 8 instructions for 4 elements. */
EDGEC_ASSEMBLY void edgec_quantize_mve_i16(EDGEC_ARGUMENT const edgec_quantize_mve *op, EDGEC_ARGUMENT const float *x,
                                           EDGEC_ARGUMENT int16_t *y, EDGEC_ARGUMENT int32_t count)
{
  __asm__("push {r4-r6, lr}\n"
          "ldm r0, {r4-r6}\n"
          "wlstp.32 lr, r3, 2f\n"
          "1:\n"
          "vldrw.u32 q0, [r1], #16\n"
          "vmul.f32 q1, q0, r5\n"
          "vfma.f32 q1, q0, r4\n"
          "vcvtn.s32.f32 q1, q1\n"
          "vqadd.s32 q1, q1, r6\n"
          "vqmovnb.s32 q1, q1\n"
          "vstrh.32 q1, [r2], #8\n"
          "letp lr, 1b\n"
          "2:\n"
          "pop {r4-r6, pc}\n");
}

typedef struct {
  int32_t zero_point;
  float scale;
} edgec_dequantize_mve;

#define EDGEC_MVE_DEQUANTIZE(load)  \
  __asm__("push {r4-r6, lr}\n"      \
          "ldrd r4, r5, [r0]\n"     \
          "wlstp.32 lr, r3, 2f\n"   \
          "1:\n"                    \
          load                      \
          "vsub.i32 q0, q0, r4\n"   \
          "vcvt.f32.s32 q0, q0\n"   \
          "vmul.f32 q0, q0, r5\n"   \
          "vstrw.32 q0, [r2], #16\n" \
          "letp lr, 1b\n"           \
          "2:\n"                    \
          "pop {r4-r6, pc}\n")

EDGEC_ASSEMBLY void edgec_dequantize_mve_i8(EDGEC_ARGUMENT const edgec_dequantize_mve *op,
                                            EDGEC_ARGUMENT const int8_t *x, EDGEC_ARGUMENT float *y,
                                            EDGEC_ARGUMENT int32_t count)
{
  EDGEC_MVE_DEQUANTIZE("vldrb.s32 q0, [r1], #4\n");
}

EDGEC_ASSEMBLY void edgec_dequantize_mve_i16(EDGEC_ARGUMENT const edgec_dequantize_mve *op,
                                             EDGEC_ARGUMENT const int16_t *x, EDGEC_ARGUMENT float *y,
                                             EDGEC_ARGUMENT int32_t count)
{
  EDGEC_MVE_DEQUANTIZE("vldrh.s32 q0, [r1], #8\n");
}

#endif
