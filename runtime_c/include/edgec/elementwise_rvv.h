/* Sums of bytes element by element, and transposition, with RVV. */
#ifndef EDGEC_ELEMENTWISE_RVV_H
#define EDGEC_ELEMENTWISE_RVV_H

#include "edgec/block_rvv.h"

/* (begin + a_multiplier * a + b_multiplier * b) >> shift, all in 32 bits; `begin` makes up for zero points and rounding. */
typedef struct {
  int32_t begin;
  int32_t a_multiplier;
  int32_t b_multiplier;
  int32_t shift;
  int32_t zero_point;
  int32_t low; /* clamp of the code */
  int32_t high;
} edgec_add_rvv;

/* y may be a or b. */
EDGEC_ASSEMBLY void edgec_sums_rvv(EDGEC_ARGUMENT const edgec_add_rvv *op, EDGEC_ARGUMENT const int8_t *a,
                                   EDGEC_ARGUMENT const int8_t *b, EDGEC_ARGUMENT int8_t *y, EDGEC_ARGUMENT int32_t count)
{
  __asm__("csrwi vxrm, 2\n" /* down */
          "lw a5, 0(a0)\n"
          "lw a6, 4(a0)\n"
          "lw a7, 8(a0)\n"
          "lw t5, 12(a0)\n"
          "lw t6, 16(a0)\n"
          "1:\n"
          "vsetvli t0, a4, e8, m2, ta, ma\n"
          "vle8.v v16, (a1)\n"
          "vle8.v v18, (a2)\n"
          "sub a4, a4, t0\n"
          "add a1, a1, t0\n"
          "add a2, a2, t0\n"
          "vsetvli zero, zero, e32, m8, ta, ma\n"
          "vsext.vf4 v0, v16\n"
          "vsext.vf4 v8, v18\n"
          "vmul.vx v0, v0, a6\n"
          "vmacc.vx v0, a7, v8\n"
          "vadd.vx v0, v0, a5\n"
          "vsetvli zero, zero, e16, m4, ta, ma\n"
          "vnclip.wx v0, v0, t5\n"
          "vsadd.vx v0, v0, t6\n"
          "vsetvli zero, zero, e8, m2, ta, ma\n"
          "vnclip.wi v0, v0, 0\n"
          "vse8.v v0, (a3)\n"
          "add a3, a3, t0\n"
          "bnez a4, 1b\n"
          "ret\n");
}

EDGEC_FUNCTION void edgec_add_rvv_i8(const edgec_add_rvv *op, const int8_t *a, const int8_t *b, int8_t *y, int32_t count)
{
  edgec_sums_rvv(op, a, b, y, count);
  edgec_clamp_rvv(op->low, op->high, y, count);
}

/* y[j][i] = x[i][j] of so many rows and columns of x; the longer of them goes by vectors. */
EDGEC_FUNCTION void edgec_transpose_rvv_8(const void *x, void *y, int32_t rows, int32_t columns)
{
  if (columns < rows) {
    edgec_lines_rvv(x, 1, columns, y, rows, 1, columns, rows);
  } else {
    edgec_lines_rvv(x, columns, 1, y, 1, rows, rows, columns);
  }
}

#endif
