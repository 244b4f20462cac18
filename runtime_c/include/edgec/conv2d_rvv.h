/* 2-D convolution of bytes with RVV: any window, stride and dilation. */
#ifndef EDGEC_CONV2D_RVV_H
#define EDGEC_CONV2D_RVV_H

#include "edgec/block_rvv.h"
#include "edgec/patch_rows.h"

typedef struct {
  edgec_patch_rows windows;
  edgec_block_rvv block;
} edgec_conv2d_rvv;

EDGEC_ASSEMBLY void edgec_patches_rvv(EDGEC_ARGUMENT const edgec_patch_rows *op,
                                      EDGEC_ARGUMENT const int8_t *const *rows, EDGEC_ARGUMENT int32_t offset,
                                      EDGEC_ARGUMENT int8_t *patch, EDGEC_ARGUMENT int32_t count,
                                      EDGEC_ARGUMENT const int8_t *padding)
{
  __asm__("lw t1, 0(a0)\n" /* run */
          "lw t2, 4(a0)\n" /* kernel_rows */
          "lw t3, 8(a0)\n" /* pixel */
          "lw t4, 12(a0)\n" /* bytes */
          "1:\n"
          "mv a6, t2\n"
          "mv a7, a1\n"
          "mv t5, a3\n"
          "2:\n"
          "ld t6, 0(a7)\n"
          "addi a7, a7, 8\n"
          "beqz t6, 5f\n"
          "add t6, t6, a2\n"
          "3:\n"
          "mv a0, t1\n"
          "4:\n"
          "vsetvli t0, a0, e8, m8, ta, ma\n"
          "vle8.v v0, (t6)\n"
          "sub a0, a0, t0\n"
          "add t6, t6, t0\n"
          "vse8.v v0, (t5)\n"
          "add t5, t5, t0\n"
          "bnez a0, 4b\n"
          "addi a6, a6, -1\n"
          "bnez a6, 2b\n"
          "add a2, a2, t3\n"
          "add a3, a3, t4\n"
          "addi a4, a4, -1\n"
          "bnez a4, 1b\n"
          "ret\n"
          "5:\n"
          "mv t6, a5\n"
          "j 3b\n");
}

EDGEC_CONV2D_OF_PATCHES(rvv, 3)

#endif
