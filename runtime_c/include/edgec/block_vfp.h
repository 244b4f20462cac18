/* Blocks of sums of float32 products on the FPU of Armv7E-M and Armv8-M, 32 registers of single precision.

   There are two forms of each function, with the same bits. `vfp` is a multiplication and an addition, 2 cycles on a
   Cortex-M4; `vmla` one chained instruction, which rounds the product, too, before it adds it, and takes 3. */
#ifndef EDGEC_BLOCK_VFP_H
#define EDGEC_BLOCK_VFP_H

#include "edgec/assembly.h"

#if !(defined(__ARM_ARCH_PROFILE) && __ARM_ARCH_PROFILE == 'M' && defined(__ARM_FP) && (__ARM_FP & 4))
#error "these kernels need the floating-point unit of Armv7E-M or Armv8-M"
#endif

/* One layer. A pixel's window is `runs` runs of elements that lie side by side. Steps are in bytes. */
typedef struct {
  const float *stream; /* for each group of 4 channels their biases, then by tap their weights */
  int32_t groups;
  int32_t last;     /* how far the last group lies back, over the one before */
  int32_t out_step; /* from pixel to pixel */
  int32_t clamp;    /* 0: none, 1: at zero from below, 2: by the limits, 3: by limits of which the lower one is zero */
  float low;
  float high;
  int32_t runs;
  int32_t turns; /* of a run: of 4 taps, the first of 2 if bit 1 of `rest` is set */
  int32_t rest;  /* bit 0: and one tap more */
  int32_t skip;  /* from the end of a run to the next */
  int32_t back;  /* from there, after the last one, to the first one's begin */
  int32_t taps;  /* of a run */
  int32_t group; /* of the stream */
} edgec_block_vfp;

/* Registers s0-s31 by their numbers: four sums take the products of four weights with an input. */
#define EDGEC_VFP_QUAD(a, b, c, d, e, f, g, h, x) \
  "vmul.f32 s28, s" #e ", s" #x "\n"              \
  "vmul.f32 s29, s" #f ", s" #x "\n"              \
  "vmul.f32 s30, s" #g ", s" #x "\n"              \
  "vmul.f32 s31, s" #h ", s" #x "\n"              \
  "vadd.f32 s" #a ", s" #a ", s28\n"              \
  "vadd.f32 s" #b ", s" #b ", s29\n"              \
  "vadd.f32 s" #c ", s" #c ", s30\n"              \
  "vadd.f32 s" #d ", s" #d ", s31\n"

#define EDGEC_VMLA_QUAD(a, b, c, d, e, f, g, h, x) \
  "vmla.f32 s" #a ", s" #e ", s" #x "\n"           \
  "vmla.f32 s" #b ", s" #f ", s" #x "\n"           \
  "vmla.f32 s" #c ", s" #g ", s" #x "\n"           \
  "vmla.f32 s" #d ", s" #h ", s" #x "\n"

/* The same of four inputs: four sums by lanes. */
#define EDGEC_VFP_LANES(a, b, c, d, e, f, g, h, x, y, z, v) \
  "vmul.f32 s28, s" #e ", s" #x "\n"                        \
  "vmul.f32 s29, s" #f ", s" #y "\n"                        \
  "vmul.f32 s30, s" #g ", s" #z "\n"                        \
  "vmul.f32 s31, s" #h ", s" #v "\n"                        \
  "vadd.f32 s" #a ", s" #a ", s28\n"                        \
  "vadd.f32 s" #b ", s" #b ", s29\n"                        \
  "vadd.f32 s" #c ", s" #c ", s30\n"                        \
  "vadd.f32 s" #d ", s" #d ", s31\n"

#define EDGEC_VMLA_LANES(a, b, c, d, e, f, g, h, x, y, z, v) \
  "vmla.f32 s" #a ", s" #e ", s" #x "\n"                     \
  "vmla.f32 s" #b ", s" #f ", s" #y "\n"                     \
  "vmla.f32 s" #c ", s" #g ", s" #z "\n"                     \
  "vmla.f32 s" #d ", s" #h ", s" #v "\n"

/* Every register that a function has to keep is saved, 108 bytes in all. NaN is the default one meanwhile, whose sign is
   not set, so that negative numbers become zero, and it does not, as integers. */
#define EDGEC_VFP_ENTER           \
  "push {r4-r11, lr}\n"           \
  "vpush {s16-s31}\n"             \
  "vmrs r12, fpscr\n"             \
  "str r12, [sp, #-8]!\n"         \
  "orr r12, r12, #0x02000000\n"   \
  "vmsr fpscr, r12\n"

#define EDGEC_VFP_LEAVE   \
  "ldr r12, [sp], #8\n"   \
  "vmsr fpscr, r12\n"     \
  "vpop {s16-s31}\n"      \
  "pop {r4-r11, pc}\n"

/* Four results, not below zero, to r5; r6-r8 and r12 are free. EDGEC_VFP_RELU_TO: nor above r4, but if one is, or NaN, it
   jumps to `more`, before anything of the four is stored. */
#define EDGEC_VFP_RELU(a, b, c, d)   \
  "vmov r6, r7, s" #a ", s" #b "\n"  \
  "vmov r8, r12, s" #c ", s" #d "\n" \
  EDGEC_VFP_NOT_BELOW

#define EDGEC_VFP_RELU_TO(a, b, c, d, more) \
  "vmov r6, r7, s" #a ", s" #b "\n"         \
  "vmov r8, r12, s" #c ", s" #d "\n"        \
  "cmp r6, r4\n"                            \
  "ittt le\n"                               \
  "cmple r7, r4\n"                          \
  "cmple r8, r4\n"                          \
  "cmple r12, r4\n"                         \
  "bgt.w " more "\n"                        \
  EDGEC_VFP_NOT_BELOW

#define EDGEC_VFP_NOT_BELOW \
  "usat r6, #31, r6\n"      \
  "usat r7, #31, r7\n"      \
  "usat r8, #31, r8\n"      \
  "usat r12, #31, r12\n"    \
  "stm r5, {r6, r7, r8, r12}\n"

/* A sum, between s16 and s17. */
#define EDGEC_VFP_LIMIT(a)       \
  "vcmp.f32 s" #a ", s16\n"      \
  "vmrs APSR_nzcv, fpscr\n"      \
  "it mi\n"                      \
  "vmovmi.f32 s" #a ", s16\n"    \
  "vcmp.f32 s" #a ", s17\n"      \
  "vmrs APSR_nzcv, fpscr\n"      \
  "it gt\n"                      \
  "vmovgt.f32 s" #a ", s17\n"

/* Two taps, or one, of 4 pixels at r0-r3 and 4 channels at r4. */
#define EDGEC_VFP_PAIR_4X4(quad)                  \
  "vldmia r4!, {s16-s23}\n"                       \
  "vldmia r0!, {s24-s25}\n"                       \
  quad(0, 1, 2, 3, 16, 17, 18, 19, 24)            \
  quad(0, 1, 2, 3, 20, 21, 22, 23, 25)            \
  "vldmia r1!, {s26-s27}\n"                       \
  quad(4, 5, 6, 7, 16, 17, 18, 19, 26)            \
  quad(4, 5, 6, 7, 20, 21, 22, 23, 27)            \
  "vldmia r2!, {s24-s25}\n"                       \
  quad(8, 9, 10, 11, 16, 17, 18, 19, 24)          \
  quad(8, 9, 10, 11, 20, 21, 22, 23, 25)          \
  "vldmia r3!, {s26-s27}\n"                       \
  quad(12, 13, 14, 15, 16, 17, 18, 19, 26)        \
  quad(12, 13, 14, 15, 20, 21, 22, 23, 27)

#define EDGEC_VFP_SINGLE_4X4(quad)                  \
  "vldmia r4!, {s16-s19}\n"                         \
  "vldmia r0!, {s20}\n"                             \
  "vldmia r1!, {s21}\n"                             \
  "vldmia r2!, {s22}\n"                             \
  "vldmia r3!, {s23}\n"                             \
  quad(0, 1, 2, 3, 16, 17, 18, 19, 20)              \
  quad(4, 5, 6, 7, 16, 17, 18, 19, 21)              \
  quad(8, 9, 10, 11, 16, 17, 18, 19, 22)            \
  quad(12, 13, 14, 15, 16, 17, 18, 19, 23)

/* The sums of 4 pixels at r9, r10 being the layer. */
#define EDGEC_VFP_STORE_4X4                  \
  "ldrd r11, r12, [r10, #12]\n"              \
  "mov r5, r9\n"                             \
  "cmp r12, #1\n"                            \
  "beq 7f\n"                                 \
  "bhi 6f\n"                                 \
  "vstmia r5, {s0-s3}\n"                     \
  "add r5, r5, r11\n"                        \
  "vstmia r5, {s4-s7}\n"                     \
  "add r5, r5, r11\n"                        \
  "vstmia r5, {s8-s11}\n"                    \
  "add r5, r5, r11\n"                        \
  "vstmia r5, {s12-s15}\n"                   \
  "b 9f\n"                                   \
  "7:\n"                                     \
  EDGEC_VFP_RELU(0, 1, 2, 3)                 \
  "add r5, r5, r11\n"                        \
  EDGEC_VFP_RELU(4, 5, 6, 7)                 \
  "add r5, r5, r11\n"                        \
  EDGEC_VFP_RELU(8, 9, 10, 11)               \
  "add r5, r5, r11\n"                        \
  EDGEC_VFP_RELU(12, 13, 14, 15)             \
  "b 9f\n"                                   \
  "6:\n"                                     \
  "cmp r12, #2\n"                            \
  "beq 8f\n"                                 \
  "vmov s16, r4\n"                           \
  "ldr r4, [r10, #24]\n"                     \
  EDGEC_VFP_RELU_TO(0, 1, 2, 3, "7f")        \
  "add r5, r5, r11\n"                        \
  EDGEC_VFP_RELU_TO(4, 5, 6, 7, "7f")        \
  "add r5, r5, r11\n"                        \
  EDGEC_VFP_RELU_TO(8, 9, 10, 11, "7f")      \
  "add r5, r5, r11\n"                        \
  EDGEC_VFP_RELU_TO(12, 13, 14, 15, "7f")    \
  "vmov r4, s16\n"                           \
  "b 9f\n"                                   \
  "7:\n" /* from the first pixel on again */ \
  "vmov r4, s16\n"                           \
  "mov r5, r9\n"                             \
  "8:\n" /* a pixel a turn */                \
  "vldr s16, [r10, #20]\n"                   \
  "vldr s17, [r10, #24]\n"                   \
  "vpush {s4-s15}\n"                         \
  "movs r6, #4\n"                            \
  "8:\n"                                     \
  EDGEC_VFP_LIMIT(0)                         \
  EDGEC_VFP_LIMIT(1)                         \
  EDGEC_VFP_LIMIT(2)                         \
  EDGEC_VFP_LIMIT(3)                         \
  "vstmia r5, {s0-s3}\n"                     \
  "add r5, r5, r11\n"                        \
  "subs r6, r6, #1\n"                        \
  "beq 9f\n"                                 \
  "vpop {s0-s3}\n"                           \
  "b 8b\n"                                   \
  "9:\n"

/* To the next group of channels at 1, the last of which lies back. */
#define EDGEC_VFP_NEXT_GROUP     \
  "add r9, r9, #16\n"            \
  "subs lr, lr, #1\n"            \
  "beq 9f\n"                     \
  "cmp lr, #1\n"                 \
  "bne.w 1b\n"                   \
  "ldr r12, [r10, #8]\n"         \
  "sub r9, r9, r12\n"            \
  "b.w 1b\n"                     \
  "9:\n"

/* edgec_block_4x4_*: all channels of 4 pixels, the windows of which are at a-d, to y. Each sum starts at its bias and takes
   the products in the order of the stream.
   edgec_block_1x8_*: the same of one pixel, by two groups of channels at a time; a last one that is alone goes twice. */
#define EDGEC_BLOCKS_VFP(form, quad)                                                                            \
  EDGEC_ASSEMBLY void edgec_block_4x4_##form(EDGEC_ARGUMENT const float *a, EDGEC_ARGUMENT const float *b,      \
                                             EDGEC_ARGUMENT const float *c, EDGEC_ARGUMENT const float *d,      \
                                             EDGEC_ARGUMENT float *y, EDGEC_ARGUMENT const edgec_block_vfp *op) \
  {                                                                                                             \
    __asm__(EDGEC_VFP_ENTER                                                                                     \
            "ldrd r9, r10, [sp, #108]\n"                                                                        \
            "ldrd r4, lr, [r10]\n"                                                                              \
            "1:\n" /* a group of channels */                                                                    \
            "vldmia r4, {s0-s3}\n"                                                                              \
            "vldmia r4, {s4-s7}\n"                                                                              \
            "vldmia r4, {s8-s11}\n"                                                                             \
            "vldmia r4!, {s12-s15}\n"                                                                           \
            "ldrd r6, r11, [r10, #28]\n"                                                                        \
            "ldrd r8, r7, [r10, #36]\n"                                                                         \
            "2:\n" /* a run */                                                                                  \
            "movs r5, r11\n"                                                                                    \
            "beq.w 5f\n"                                                                                        \
            "lsls r12, r8, #31\n"                                                                               \
            "bcs.w 4f\n"                                                                                        \
            "3:\n");                                                                                            \
    __asm__(EDGEC_VFP_PAIR_4X4(quad)                                                                            \
            "4:\n");                                                                                            \
    __asm__(EDGEC_VFP_PAIR_4X4(quad)                                                                            \
            "subs r5, r5, #1\n"                                                                                 \
            "bne.w 3b\n"                                                                                        \
            "tst r8, #1\n"                                                                                      \
            "beq 6f\n"                                                                                          \
            "5:\n"                                                                                              \
            EDGEC_VFP_SINGLE_4X4(quad));                                                                        \
    __asm__("6:\n"                                                                                              \
            "add r0, r0, r7\n"                                                                                  \
            "add r1, r1, r7\n"                                                                                  \
            "add r2, r2, r7\n"                                                                                  \
            "add r3, r3, r7\n"                                                                                  \
            "subs r6, r6, #1\n"                                                                                 \
            "bne.w 2b\n"                                                                                        \
            "ldr r12, [r10, #44]\n"                                                                             \
            "sub r0, r0, r12\n"                                                                                 \
            "sub r1, r1, r12\n"                                                                                 \
            "sub r2, r2, r12\n"                                                                                 \
            "sub r3, r3, r12\n"                                                                                 \
            EDGEC_VFP_STORE_4X4);                                                                               \
    __asm__(EDGEC_VFP_NEXT_GROUP                                                                                \
            EDGEC_VFP_LEAVE);                                                                                   \
  }                                                                                                             \
                                                                                                                \
  EDGEC_ASSEMBLY void edgec_block_1x8_##form(EDGEC_ARGUMENT const float *x, EDGEC_ARGUMENT float *y,            \
                                             EDGEC_ARGUMENT const edgec_block_vfp *op)                          \
  {                                                                                                             \
    __asm__(EDGEC_VFP_ENTER                                                                                     \
            "mov r9, r1\n"                                                                                      \
            "mov r10, r2\n"                                                                                     \
            "ldrd r4, lr, [r10]\n"                                                                              \
            "ldrd r7, r8, [r10, #40]\n"                                                                         \
            "ldr r2, [r10, #48]\n"                                                                              \
            "lsr r1, r2, #2\n"                                                                                  \
            "and r2, r2, #3\n"                                                                                  \
            "1:\n" /* two groups of channels */                                                                 \
            "ldr r12, [r10, #52]\n"                                                                             \
            "cmp lr, #1\n"                                                                                      \
            "add r3, r4, r12\n"                                                                                 \
            "it eq\n"                                                                                           \
            "moveq r3, r4\n"                                                                                    \
            "ldr r6, [r10, #28]\n"                                                                              \
            "vldmia r4!, {s0-s3}\n"                                                                             \
            "vldmia r3!, {s4-s7}\n"                                                                             \
            "2:\n" /* a run */                                                                                  \
            "movs r5, r1\n"                                                                                     \
            "beq.w 4f\n"                                                                                        \
            "3:\n" /* four taps */                                                                              \
            "vldmia r4!, {s8-s23}\n"                                                                            \
            "vldmia r0!, {s24-s27}\n"                                                                           \
            quad(0, 1, 2, 3, 8, 9, 10, 11, 24)                                                                  \
            quad(0, 1, 2, 3, 12, 13, 14, 15, 25)                                                                \
            quad(0, 1, 2, 3, 16, 17, 18, 19, 26)                                                                \
            quad(0, 1, 2, 3, 20, 21, 22, 23, 27));                                                              \
    __asm__("vldmia r3!, {s8-s23}\n"                                                                            \
            quad(4, 5, 6, 7, 8, 9, 10, 11, 24)                                                                  \
            quad(4, 5, 6, 7, 12, 13, 14, 15, 25)                                                                \
            quad(4, 5, 6, 7, 16, 17, 18, 19, 26)                                                                \
            quad(4, 5, 6, 7, 20, 21, 22, 23, 27)                                                                \
            "subs r5, r5, #1\n"                                                                                 \
            "bne.w 3b\n"                                                                                        \
            "4:\n"                                                                                              \
            "movs r5, r2\n"                                                                                     \
            "beq 6f\n"                                                                                          \
            "5:\n" /* one tap */                                                                                \
            "vldmia r4!, {s8-s11}\n"                                                                            \
            "vldmia r3!, {s12-s15}\n"                                                                           \
            "vldmia r0!, {s24}\n"                                                                               \
            quad(0, 1, 2, 3, 8, 9, 10, 11, 24)                                                                  \
            quad(4, 5, 6, 7, 12, 13, 14, 15, 24)                                                                \
            "subs r5, r5, #1\n"                                                                                 \
            "bne 5b\n");                                                                                        \
    __asm__("6:\n"                                                                                              \
            "add r0, r0, r7\n"                                                                                  \
            "subs r6, r6, #1\n"                                                                                 \
            "bne.w 2b\n"                                                                                        \
            "sub r0, r0, r8\n"                                                                                  \
            "mov r4, r3\n"                                                                                      \
            "ldr r12, [r10, #8]\n"                                                                              \
            "add r11, r9, #16\n"                                                                                \
            "cmp lr, #2\n"                                                                                      \
            "it eq\n"                                                                                           \
            "subeq r11, r11, r12\n"                                                                             \
            "itt lo\n"                                                                                          \
            "sublo r9, r9, r12\n"                                                                               \
            "movlo r11, r9\n"                                                                                   \
            "ldr r12, [r10, #16]\n"                                                                             \
            "cmp r12, #1\n"                                                                                     \
            "bne 7f\n"                                                                                          \
            "mov r5, r9\n"                                                                                      \
            EDGEC_VFP_RELU(0, 1, 2, 3)                                                                          \
            "mov r5, r11\n"                                                                                     \
            EDGEC_VFP_RELU(4, 5, 6, 7)                                                                          \
            "ldrd r7, r8, [r10, #40]\n"                                                                         \
            "b 9f\n");                                                                                          \
    __asm__("7:\n"                                                                                              \
            "blo 8f\n"                                                                                          \
            "cmp r12, #2\n"                                                                                     \
            "beq 7f\n"                                                                                          \
            "vmov s16, r4\n"                                                                                    \
            "ldr r4, [r10, #24]\n"                                                                              \
            "mov r5, r9\n"                                                                                      \
            EDGEC_VFP_RELU_TO(0, 1, 2, 3, "6f")                                                                 \
            "mov r5, r11\n"                                                                                     \
            EDGEC_VFP_RELU_TO(4, 5, 6, 7, "6f")                                                                 \
            "vmov r4, s16\n"                                                                                    \
            "ldrd r7, r8, [r10, #40]\n"                                                                         \
            "b 9f\n"                                                                                            \
            "6:\n"                                                                                              \
            "vmov r4, s16\n"                                                                                    \
            "ldrd r7, r8, [r10, #40]\n");                                                                       \
    __asm__("7:\n"                                                                                              \
            "vldr s16, [r10, #20]\n"                                                                            \
            "vldr s17, [r10, #24]\n"                                                                            \
            EDGEC_VFP_LIMIT(0)                                                                                  \
            EDGEC_VFP_LIMIT(1)                                                                                  \
            EDGEC_VFP_LIMIT(2)                                                                                  \
            EDGEC_VFP_LIMIT(3)                                                                                  \
            EDGEC_VFP_LIMIT(4)                                                                                  \
            EDGEC_VFP_LIMIT(5)                                                                                  \
            EDGEC_VFP_LIMIT(6)                                                                                  \
            EDGEC_VFP_LIMIT(7)                                                                                  \
            "8:\n"                                                                                              \
            "vstmia r9, {s0-s3}\n"                                                                              \
            "vstmia r11, {s4-s7}\n"                                                                             \
            "9:\n"                                                                                              \
            "add r9, r9, #32\n"                                                                                 \
            "subs lr, lr, #2\n"                                                                                 \
            "bgt.w 1b\n"                                                                                        \
            EDGEC_VFP_LEAVE);                                                                                   \
  }

EDGEC_BLOCKS_VFP(vfp, EDGEC_VFP_QUAD)
EDGEC_BLOCKS_VFP(vmla, EDGEC_VMLA_QUAD)

#endif
