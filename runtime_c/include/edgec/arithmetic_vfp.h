/* Sums, differences and products of float32, element by element, on the FPU of Armv7E-M and Armv8-M. */
#ifndef EDGEC_ARITHMETIC_VFP_H
#define EDGEC_ARITHMETIC_VFP_H

#include "edgec/assembly.h"

#if !(defined(__ARM_ARCH_PROFILE) && __ARM_ARCH_PROFILE == 'M' && defined(__ARM_FP) && (__ARM_FP & 4))
#error "these kernels need the floating-point unit of Armv7E-M or Armv8-M"
#endif

#define EDGEC_VFP_EIGHT(instruction) \
  instruction ".f32 s0, s0, s8\n"    \
  instruction ".f32 s1, s1, s9\n"    \
  instruction ".f32 s2, s2, s10\n"   \
  instruction ".f32 s3, s3, s11\n"   \
  instruction ".f32 s4, s4, s12\n"   \
  instruction ".f32 s5, s5, s13\n"   \
  instruction ".f32 s6, s6, s14\n"   \
  instruction ".f32 s7, s7, s15\n"

/* Negative numbers become zero, but -0 stays: as integers these are below zero when 1 is taken away. NaN is the default one,
   which as an integer is positive. */
#define EDGEC_VFP_RELU_SIGNED(a, b, c, d) \
  "vmov r4, r5, s" #a ", s" #b "\n"       \
  "vmov r6, r7, s" #c ", s" #d "\n"       \
  "sub r8, r4, #1\n"                      \
  "sub r9, r5, #1\n"                      \
  "sub r10, r6, #1\n"                     \
  "sub r11, r7, #1\n"                     \
  "bic r4, r4, r8, asr #31\n"             \
  "bic r5, r5, r9, asr #31\n"             \
  "bic r6, r6, r10, asr #31\n"            \
  "bic r7, r7, r11, asr #31\n"            \
  "stm r3!, {r4-r7}\n"

/* y = a + b and its like of `count` elements; with `relu` negative results are zero. y may be a or b. */
#define EDGEC_ARITHMETIC_VFP(function, instruction, scalar)                                                             \
  EDGEC_ASSEMBLY void edgec_##function##_eights_vfp(EDGEC_ARGUMENT int32_t eights, EDGEC_ARGUMENT const float *a,       \
                                                    EDGEC_ARGUMENT const float *b, EDGEC_ARGUMENT float *y)             \
  {                                                                                                                     \
    __asm__("1:\n"                                                                                                      \
            "vldmia r1!, {s0-s7}\n"                                                                                     \
            "vldmia r2!, {s8-s15}\n"                                                                                    \
            EDGEC_VFP_EIGHT(instruction)                                                                                \
            "subs r0, r0, #1\n"                                                                                         \
            "vstmia r3!, {s0-s7}\n"                                                                                     \
            "bne 1b\n"                                                                                                  \
            "bx lr\n");                                                                                                 \
  }                                                                                                                     \
                                                                                                                        \
  EDGEC_ASSEMBLY void edgec_##function##_relu_eights_vfp(EDGEC_ARGUMENT int32_t eights, EDGEC_ARGUMENT const float *a,  \
                                                         EDGEC_ARGUMENT const float *b, EDGEC_ARGUMENT float *y)        \
  {                                                                                                                     \
    __asm__("push {r4-r11}\n"                                                                                           \
            "vmrs r12, fpscr\n"                                                                                         \
            "str r12, [sp, #-8]!\n"                                                                                     \
            "orr r12, r12, #0x02000000\n"                                                                               \
            "vmsr fpscr, r12\n"                                                                                         \
            "1:\n"                                                                                                      \
            "vldmia r1!, {s0-s7}\n"                                                                                     \
            "vldmia r2!, {s8-s15}\n"                                                                                    \
            EDGEC_VFP_EIGHT(instruction)                                                                                \
            EDGEC_VFP_RELU_SIGNED(0, 1, 2, 3)                                                                           \
            EDGEC_VFP_RELU_SIGNED(4, 5, 6, 7)                                                                           \
            "subs r0, r0, #1\n"                                                                                         \
            "bne 1b\n"                                                                                                  \
            "ldr r12, [sp], #8\n"                                                                                       \
            "vmsr fpscr, r12\n"                                                                                         \
            "pop {r4-r11}\n"                                                                                            \
            "bx lr\n");                                                                                                 \
  }                                                                                                                     \
                                                                                                                        \
  EDGEC_FUNCTION void edgec_##function##_vfp_f32(int32_t count, int32_t relu, const float *a, const float *b, float *y) \
  {                                                                                                                     \
    if (count >= 8 && relu != 0) {                                                                                      \
      edgec_##function##_relu_eights_vfp(count / 8, a, b, y);                                                           \
    } else if (count >= 8) {                                                                                            \
      edgec_##function##_eights_vfp(count / 8, a, b, y);                                                                \
    }                                                                                                                   \
    for (int32_t i = count & ~7; i < count; ++i) {                                                                      \
      y[i] = edgec_clamp_f32(a[i] scalar b[i], relu != 0 ? 0.0f : -EDGEC_INFINITY, EDGEC_INFINITY);                     \
    }                                                                                                                   \
  }

EDGEC_ARITHMETIC_VFP(add, "vadd", +)
EDGEC_ARITHMETIC_VFP(sub, "vsub", -)
EDGEC_ARITHMETIC_VFP(mul, "vmul", *)

#endif
