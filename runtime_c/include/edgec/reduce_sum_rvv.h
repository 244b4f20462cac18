/* Sums and means of bytes over all pixels, for each channel, with RVV. */
#ifndef EDGEC_REDUCE_SUM_RVV_H
#define EDGEC_REDUCE_SUM_RVV_H

#include "edgec/block_rvv.h"

/* A sum, which starts at `first`, becomes a code as in block_rvv.h. */
typedef struct {
  int32_t pixels;
  int32_t channels;
  int32_t first;
  int32_t multiplier;
  int32_t shift; /* less 32 */
  int32_t zero_point;
  int32_t low; /* clamp of the code */
  int32_t high;
} edgec_reduce_sum_rvv;

/* Halfwords hold the sum of 256 bytes. */
EDGEC_ASSEMBLY void edgec_pixel_sums_rvv(EDGEC_ARGUMENT const edgec_reduce_sum_rvv *op, EDGEC_ARGUMENT const int8_t *x,
                                         EDGEC_ARGUMENT int8_t *y)
{
  __asm__("csrwi vxrm, 0\n" /* half way up */
          "lw a3, 4(a0)\n" /* channels, and as many as are left */
          "lw a4, 8(a0)\n"
          "lw a5, 12(a0)\n"
          "lw a6, 16(a0)\n"
          "lw a7, 20(a0)\n"
          "lw a0, 0(a0)\n"
          "mv t6, a3\n"
          "1:\n"
          "vsetvli t0, t6, e32, m8, ta, ma\n"
          "vmv.v.x v24, a4\n"
          "mv t1, a1\n"
          "mv t2, a0\n"
          "2:\n" /* t2 pixels are left, t3 of which are summed in halfwords */
          "li t4, 256\n"
          "mv t3, t2\n"
          "ble t3, t4, 3f\n"
          "mv t3, t4\n"
          "3:\n"
          "sub t2, t2, t3\n"
          "vsetvli zero, zero, e16, m4, ta, ma\n"
          "vmv.v.i v16, 0\n"
          "vsetvli zero, zero, e8, m2, ta, ma\n"
          "4:\n"
          "vle8.v v8, (t1)\n"
          "add t1, t1, a3\n"
          "addi t3, t3, -1\n"
          "vwadd.wv v16, v16, v8\n"
          "bnez t3, 4b\n"
          "vsetvli zero, zero, e16, m4, ta, ma\n"
          "vwadd.wv v24, v24, v16\n"
          "bnez t2, 2b\n"
          "vsetvli zero, zero, e32, m8, ta, ma\n"
          "vmulh.vx v24, v24, a5\n"
          "vsetvli zero, zero, e16, m4, ta, ma\n"
          "vnclip.wx v24, v24, a6\n"
          "vsadd.vx v24, v24, a7\n"
          "vsetvli zero, zero, e8, m2, ta, ma\n"
          "vnclip.wi v24, v24, 0\n"
          "vse8.v v24, (a2)\n"
          "add a1, a1, t0\n"
          "add a2, a2, t0\n"
          "sub t6, t6, t0\n"
          "bnez t6, 1b\n"
          "ret\n");
}

EDGEC_FUNCTION void edgec_reduce_sum_rvv_i8(const edgec_reduce_sum_rvv *op, const int8_t *x, int8_t *y)
{
  edgec_pixel_sums_rvv(op, x, y);
  edgec_clamp_rvv(op->low, op->high, y, op->channels);
}

#endif
