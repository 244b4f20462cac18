/* Dense and convolution by a 1x1 window, of bytes, with RVV. */
#ifndef EDGEC_DENSE_RVV_H
#define EDGEC_DENSE_RVV_H

#include "edgec/block_rvv.h"

/* Two taps of a pixel (t6) by t0 channels (t5), whose products add up in halfwords before they join the sums. */
#define EDGEC_RVV_DENSE_PAIR(first, second) \
  "vsetvli zero, t0, e8, m4, ta, ma\n"      \
  "vlseg2e8.v v0, (t5)\n"                   \
  "lb t3, " first "(t6)\n"                  \
  "lb t4, " second "(t6)\n"                 \
  "add t5, t5, a4\n"                        \
  "vwmul.vx v8, v0, t3\n"                   \
  "vwmacc.vx v8, t4, v4\n"                  \
  EDGEC_RVV_DENSE_SUMS

/* Those that there are not may be anything. */
#define EDGEC_RVV_DENSE_SUMS            \
  "vsetvli t3, zero, e16, m4, ta, ma\n" \
  "vwadd.wv v16, v16, v8\n"             \
  "vwadd.wv v24, v24, v12\n"

/* `count` sums to codes. */
#define EDGEC_RVV_DENSE_CODES(count, sums)  \
  "vsetvli zero, " count ", e32, m8, ta, ma\n" \
  "vle32.v v0, (a6)\n"                      \
  "slli t5, " count ", 2\n"                 \
  "add a6, a6, t5\n"                        \
  "vmulh.vv " sums ", " sums ", v0\n"       \
  "vsetvli zero, zero, e16, m4, ta, ma\n"   \
  "vle16.v v0, (a7)\n"                      \
  "slli t5, " count ", 1\n"                 \
  "add a7, a7, t5\n"                        \
  "vnclip.wv " sums ", " sums ", v0\n"      \
  "vsadd.vx " sums ", " sums ", s2\n"       \
  "vsetvli zero, zero, e8, m2, ta, ma\n"    \
  "vnclip.wi " sums ", " sums ", 0\n"       \
  "vse8.v " sums ", (a2)\n"                 \
  "add a2, a2, " count "\n"

/* One pixel. Code generation proves that two products add up in a halfword. 10 instructions for two taps, which are 128
   products with vectors of 128 bits. */
EDGEC_ASSEMBLY void edgec_pixel_rvv(EDGEC_ARGUMENT const edgec_block_rvv *op, EDGEC_ARGUMENT const int8_t *x,
                                    EDGEC_ARGUMENT int8_t *y)
{
  __asm__("addi sp, sp, -32\n"
          "sd s0, 0(sp)\n"
          "sd s1, 8(sp)\n"
          "sd s2, 16(sp)\n"
          "sd s3, 24(sp)\n"
          "csrwi vxrm, 0\n" /* half way up */
          "ld a3, 0(a0)\n"  /* weights */
          "ld a5, 8(a0)\n"  /* bias */
          "ld a6, 16(a0)\n" /* multiplier */
          "ld a7, 24(a0)\n" /* shift */
          "lw s1, 32(a0)\n" /* channels that are left */
          "lw s0, 36(a0)\n" /* taps */
          "lw s2, 40(a0)\n" /* zero_point */
          "slli a4, s1, 1\n" /* from the weights of one pair to those of the next */
          "2:\n" /* t0 channels in lanes, of which t1 are in the first half, t2 in the second */
          "vsetvli t0, s1, e8, m4, ta, ma\n"
          "vsetvli t1, t0, e32, m8, ta, ma\n"
          "vle32.v v16, (a5)\n"
          "slli t5, t1, 2\n"
          "add a5, a5, t5\n"
          "sub t2, t0, t1\n"
          "vsetvli zero, t2, e32, m8, ta, ma\n"
          "vle32.v v24, (a5)\n"
          "slli t5, t2, 2\n"
          "add a5, a5, t5\n"
          "mv t5, a3\n"
          "mv t6, a1\n"
          "srli s3, s0, 3\n"
          "beqz s3, 4f\n"
          "3:\n"
          EDGEC_RVV_DENSE_PAIR("0", "1")
          EDGEC_RVV_DENSE_PAIR("2", "3")
          EDGEC_RVV_DENSE_PAIR("4", "5")
          EDGEC_RVV_DENSE_PAIR("6", "7")
          "addi t6, t6, 8\n"
          "addi s3, s3, -1\n"
          "bnez s3, 3b\n"
          "4:\n"
          "andi s3, s0, 6\n"
          "beqz s3, 6f\n"
          "5:\n"
          EDGEC_RVV_DENSE_PAIR("0", "1")
          "addi t6, t6, 2\n"
          "addi s3, s3, -2\n"
          "bnez s3, 5b\n"
          "6:\n"
          "andi s3, s0, 1\n"
          "beqz s3, 7f\n"
          "vsetvli zero, t0, e8, m4, ta, ma\n"
          "vlseg2e8.v v0, (t5)\n"
          "lb t3, 0(t6)\n"
          "vwmul.vx v8, v0, t3\n"
          EDGEC_RVV_DENSE_SUMS
          "7:\n"
          EDGEC_RVV_DENSE_CODES("t1", "v16")
          "beqz t2, 8f\n"
          EDGEC_RVV_DENSE_CODES("t2", "v24")
          "8:\n"
          "slli t5, t0, 1\n"
          "add a3, a3, t5\n"
          "sub s1, s1, t0\n"
          "bnez s1, 2b\n"
          "ld s0, 0(sp)\n"
          "ld s1, 8(sp)\n"
          "ld s2, 16(sp)\n"
          "ld s3, 24(sp)\n"
          "addi sp, sp, 32\n"
          "ret\n");
}

/* Pixel by pixel. */
EDGEC_BLOCK_KERNEL void edgec_dense_rvv_i8(const edgec_block_rvv *op, int32_t pixels, const int8_t *x, int8_t *y)
{
  for (int32_t p = 0; p < pixels; ++p) {
    edgec_pixel_rvv(op, x + p * op->taps, y + p * op->out_channels);
  }
  edgec_clamp_rvv(op->low, op->high, y, pixels * op->out_channels);
}

/* 3 pixels or more. */
EDGEC_BLOCK_KERNEL void edgec_pointwise_rvv_i8(const edgec_block_rvv *op, int32_t pixels, const int8_t *x, int8_t *y)
{
  edgec_pixels_rvv(op, x, op->taps, y, pixels);
  edgec_clamp_rvv(op->low, op->high, y, pixels * op->out_channels);
}

#endif
