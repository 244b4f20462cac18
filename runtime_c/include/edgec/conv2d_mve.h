/* 2-D convolution of bytes with the vectors of Armv8.1-M: any window, stride and dilation. */
#ifndef EDGEC_CONV2D_MVE_H
#define EDGEC_CONV2D_MVE_H

#include "edgec/block_mve.h"
#include "edgec/patch_rows.h"

typedef struct {
  edgec_patch_rows windows;
  edgec_block_mve block;
} edgec_conv2d_mve;

/* Patches of `count` neighbours whose windows lie inside of the rows, the first one `offset` bytes from their begin. NULL is a
   row of `padding`. `row` copies r4 bytes from r0 to r8 and lets r8 be behind them. */
#define EDGEC_MVE_PATCHES(begin, row)                                                                               \
  __asm__("push {r4-r11, lr}\n"                                                                                     \
          "ldrd r12, r11, [sp, #36]\n" /* count, padding */                                                         \
          "ldrd r4, r5, [r0]\n"        /* run, kernel_rows */                                                       \
          "ldrd r9, r10, [r0, #8]\n"   /* pixel, bytes */                                                           \
          begin                                                                                                     \
          "1:\n"                                                                                                    \
          "mov r6, r5\n"                                                                                            \
          "mov r7, r1\n"                                                                                            \
          "mov r8, r3\n"                                                                                            \
          "2:\n"                                                                                                    \
          "ldr r0, [r7], #4\n"                                                                                      \
          "cbz r0, 4f\n"                                                                                            \
          "add r0, r2\n"                                                                                            \
          "3:\n" row                                                                                                \
          "subs r6, r6, #1\n"                                                                                       \
          "bne 2b\n"                                                                                                \
          "add r2, r9\n"                                                                                            \
          "add r3, r10\n"                                                                                           \
          "subs r12, r12, #1\n"                                                                                     \
          "bne 1b\n"                                                                                                \
          "pop {r4-r11, pc}\n"                                                                                      \
          "4:\n"                                                                                                    \
          "mov r0, r11\n"                                                                                           \
          "b 3b\n")

/* Of rows of a window of 16 bytes at most. */
EDGEC_ASSEMBLY void edgec_narrow_patches_mve(EDGEC_ARGUMENT const edgec_patch_rows *op,
                                             EDGEC_ARGUMENT const int8_t *const *rows, EDGEC_ARGUMENT int32_t offset,
                                             EDGEC_ARGUMENT int8_t *patch, EDGEC_ARGUMENT int32_t count,
                                             EDGEC_ARGUMENT const int8_t *padding)
{
  EDGEC_MVE_PATCHES("vctp.8 r4\n",
                    "vpstt\n"
                    "vldrbt.8 q0, [r0]\n"
                    "vstrbt.8 q0, [r8]\n"
                    "add r8, r4\n");
}

EDGEC_ASSEMBLY void edgec_wide_patches_mve(EDGEC_ARGUMENT const edgec_patch_rows *op,
                                           EDGEC_ARGUMENT const int8_t *const *rows, EDGEC_ARGUMENT int32_t offset,
                                           EDGEC_ARGUMENT int8_t *patch, EDGEC_ARGUMENT int32_t count,
                                           EDGEC_ARGUMENT const int8_t *padding)
{
  EDGEC_MVE_PATCHES("",
                    "dlstp.8 lr, r4\n"
                    "5:\n"
                    "vldrb.8 q0, [r0], #16\n"
                    "vstrb.8 q0, [r8], #16\n"
                    "letp lr, 5b\n"
                    "rsb r0, r4, #0\n"
                    "and r0, r0, #15\n"
                    "sub r8, r0\n");
}

EDGEC_FUNCTION void edgec_patches_mve(const edgec_patch_rows *op, const int8_t *const *rows, int32_t offset,
                                      int8_t *patch, int32_t count, const int8_t *padding)
{
  if (op->run > 16) {
    edgec_wide_patches_mve(op, rows, offset, patch, count, padding);
  } else {
    edgec_narrow_patches_mve(op, rows, offset, patch, count, padding);
  }
}

EDGEC_CONV2D_OF_PATCHES(mve, 2)

#endif
