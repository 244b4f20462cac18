/* Depthwise 2-D convolution, float32, with the vectors of Armv8.1-M: planes of four channels as depthwise_vfp.h has them. */
#ifndef EDGEC_DEPTHWISE_F32_MVE_H
#define EDGEC_DEPTHWISE_F32_MVE_H

#include "edgec/block_f32_mve.h"
#include "edgec/depthwise_vfp.h"

/* The vectors in which the rows of depthwise_vfp.h have their registers, by the first one's number. */
#define EDGEC_MVE_AT_0 "q0"
#define EDGEC_MVE_AT_4 "q1"
#define EDGEC_MVE_AT_8 "q2"
#define EDGEC_MVE_AT_12 "q3"
#define EDGEC_MVE_AT_16 "q4"
#define EDGEC_MVE_AT_20 "q5"
#define EDGEC_MVE_AT_24 "q6"

#define EDGEC_MVE_LANES(a, b, c, d, e, f, g, h, x, y, z, v)                    \
  "vmul.f32 q7, " EDGEC_MVE_AT_##e ", " EDGEC_MVE_AT_##x "\n"                  \
  "vadd.f32 " EDGEC_MVE_AT_##a ", " EDGEC_MVE_AT_##a ", q7\n"

/* `rows` rows of output of 4 channels; returns the flags. */
#define EDGEC_PLANES_MVE(name, three, two, more)                                                                \
  EDGEC_ASSEMBLY uint32_t edgec_plane_sums_##name(EDGEC_ARGUMENT const float *x, EDGEC_ARGUMENT float *y,       \
                                                  EDGEC_ARGUMENT const float *stream, EDGEC_ARGUMENT int32_t rows, \
                                                  EDGEC_ARGUMENT const edgec_planes_vfp *op)                    \
  {                                                                                                             \
    __asm__(EDGEC_MVE_ENTER                                                                                     \
            "ldr r10, [sp, #112]\n"                                                                             \
            "ldr r11, [r10, #12]\n"                                                                             \
            "1:\n" /* a row of output */                                                                        \
            "ldr r4, [r10]\n"                                                                                   \
            "2:\n" /* a block */                                                                                \
            "ldr r5, [r10, #4]\n"                                                                               \
            "ldr r6, [r10, #40]\n"                                                                              \
            "mov lr, r0\n"                                                                                      \
            "add r7, r0, r6\n"                                                                                  \
            "add r8, r7, r6\n"                                                                                  \
            "mov r9, r2\n"                                                                                      \
            "vldrw.32 q0, [r9], #16\n"                                                                          \
            "cmp r4, r5\n"                                                                                      \
            "vmov q1, q0\n"                                                                                     \
            "vmov q2, q0\n"                                                                                     \
            "ldrd r12, r5, [r10, #28]\n"                                                                        \
            "bls 30f\n"                                                                                         \
            "3:\n" three                                                                                        \
            "subs r12, r12, #1\n"                                                                               \
            "bne 3b\n"                                                                                          \
            "mov lr, #3\n"                                                                                      \
            "b 5f\n"                                                                                            \
            "30:\n" more                                                                                        \
            "31:\n" two                                                                                         \
            "subs r12, r12, #1\n"                                                                               \
            "bne 31b\n"                                                                                         \
            "mov lr, #2\n"                                                                                      \
            "5:\n"                                                                                              \
            "ldr r6, [r10, #16]\n");                                                                            \
    __asm__(EDGEC_MVE_CLAMPED(EDGEC_MVE_THREE)                                                                  \
            "vstrw.32 q0, [r1]\n"                                                                               \
            "add r1, r11\n"                                                                                     \
            "vstrw.32 q1, [r1]\n"                                                                               \
            "add r1, r11\n"                                                                                     \
            "cmp lr, #2\n"                                                                                      \
            "beq 6f\n"                                                                                          \
            "vstrw.32 q2, [r1]\n"                                                                               \
            "add r1, r11\n"                                                                                     \
            "6:\n"                                                                                              \
            "ldr r6, [r10, #40]\n"                                                                              \
            "mla r0, lr, r6, r0\n"                                                                              \
            "subs r4, r4, #1\n"                                                                                 \
            "bne.w 2b\n"                                                                                        \
            "ldr r6, [r10, #8]\n"                                                                               \
            "add r0, r6\n"                                                                                      \
            "subs r3, r3, #1\n"                                                                                 \
            "bne.w 1b\n"                                                                                        \
            EDGEC_MVE_LEAVE);                                                                                   \
  }

EDGEC_PLANES_MVE(3_1, EDGEC_VFP_ROW_3X3_1(EDGEC_MVE_LANES), EDGEC_VFP_ROW_2X3_1(EDGEC_MVE_LANES), EDGEC_VFP_LESS_OVERLAP)
EDGEC_PLANES_MVE(3_2, EDGEC_VFP_ROW_3X3_2(EDGEC_MVE_LANES), EDGEC_VFP_ROW_2X3_2(EDGEC_MVE_LANES), EDGEC_VFP_LESS_OVERLAP)
EDGEC_PLANES_MVE(any, EDGEC_VFP_ROW_3XANY(EDGEC_MVE_LANES), EDGEC_VFP_ROW_2XANY(EDGEC_MVE_LANES), "")

#define EDGEC_DEPTHWISE_MVE(name)                                                                              \
  EDGEC_FUNCTION void edgec_planes_##name##_mve(const float *x, float *y, const float *stream, int32_t rows,   \
                                                const edgec_planes_vfp *op)                                    \
  {                                                                                                            \
    if (edgec_plane_sums_##name(x, y, stream, rows, op) != 0) {                                                \
      edgec_planes_##name##_vmla(x, y, stream, rows, op);                                                      \
    }                                                                                                          \
  }                                                                                                            \
                                                                                                               \
  EDGEC_DEPTHWISE_VFP(name##_mve)

EDGEC_DEPTHWISE_MVE(3_1)
EDGEC_DEPTHWISE_MVE(3_2)
EDGEC_DEPTHWISE_MVE(any)

#endif
