/* Depthwise 2-D convolution of bytes by any window with RVV.

   The rows of input that some rows of output see are copied with their padding, so that all windows are alike. Neighbouring
   pixels and their channels are lanes: `period` of them, for which weights and what makes codes of sums lie in turn, are
   one pixel or several. Two products add up in a halfword before they join a sum, which code generation proves to fit. */
#ifndef EDGEC_DEPTHWISE_RVV_H
#define EDGEC_DEPTHWISE_RVV_H

#include "edgec/padded_rvv.h"
#include "edgec/strips.h"

typedef struct {
  const int8_t *weights; /* [pair of taps][lane][2], the last one with a 0 where their number is odd */
  const int32_t *bias;
  const int32_t *multiplier;
  const uint16_t *shift;  /* less 32 */
  const int32_t *offsets; /* of taps, from a window's begin */
  int32_t pairs;
  int32_t period;
  int32_t step;  /* bytes from the windows of a period to those of the next */
  int32_t lanes; /* of a row of output */
  int32_t zero_point;
  int32_t column; /* from one column of the window to the next */
  int32_t skip;   /* from the window's last column to its next row */
  int32_t advance; /* from the windows of a row of output to those of the next */
  int32_t low;    /* clamp of the code */
  int32_t high;
  edgec_padded_rvv padded;
} edgec_depthwise_rvv;

/* a3 rows of output at a2 from x at a1. `weights` loads what stays in registers for t0 lanes from a3 on; `taps` computes
   sums v24 of windows that begin at t1.
   a0 op, a4-a6 bias, multiplier and shift, a7 lanes of the period that are left, s0 all lanes that are left, s1 step,
   s2 period, s3 zero point, s4 column, s5 skip, s6 rows that are left, s7 all rows, s8 bytes of a pair's weights, t2 y, t3
   lanes of the row that are left, t4 as many as go together */
#define EDGEC_RVV_DEPTHWISE(weights, taps)   \
  __asm__(EDGEC_RVV_SAVE                     \
          "csrwi vxrm, 0\n" /* half way up */ \
          "mv s7, a3\n"                      \
          "ld a3, 0(a0)\n"                   \
          "ld a4, 8(a0)\n"                   \
          "ld a5, 16(a0)\n"                  \
          "ld a6, 24(a0)\n"                  \
          "lw s2, 44(a0)\n"                  \
          "lw s1, 48(a0)\n"                  \
          "lw s0, 52(a0)\n"                  \
          "lw s3, 56(a0)\n"                  \
          "lw s4, 60(a0)\n"                  \
          "lw s5, 64(a0)\n"                  \
          "slli s8, s2, 1\n"                 \
          "mv a7, s2\n"                      \
          "1:\n"                             \
          "vsetvli t0, a7, e8, m2, ta, ma\n" \
          "mv s6, s7\n"                      \
          weights                            \
          "5:\n"                             \
          "mv t1, a1\n"                      \
          "mv t2, a2\n"                      \
          "mv t3, s0\n"                      \
          "2:\n"                             \
          "mv t4, t0\n"                      \
          "bge t3, t0, 3f\n"                 \
          "mv t4, t3\n"                      \
          "3:\n"                             \
          "vsetvli zero, t4, e8, m2, ta, ma\n" \
          "vle32.v v24, (a4)\n"              \
          taps                               \
          "vle32.v v16, (a5)\n"              \
          "vsetvli zero, zero, e32, m8, ta, ma\n" \
          "vmulh.vv v24, v24, v16\n"         \
          "vsetvli zero, zero, e16, m4, ta, ma\n" \
          "vle16.v v16, (a6)\n"              \
          "vnclip.wv v24, v24, v16\n"        \
          "vsadd.vx v24, v24, s3\n"          \
          "vsetvli zero, zero, e8, m2, ta, ma\n" \
          "vnclip.wi v24, v24, 0\n"          \
          "vse8.v v24, (t2)\n"               \
          "add t1, t1, s1\n"                 \
          "add t2, t2, s2\n"                 \
          "sub t3, t3, s2\n"                 \
          "bgtz t3, 2b\n"                    \
          "lw t1, 68(a0)\n"                  \
          "lw t2, 52(a0)\n"                  \
          "add a1, a1, t1\n"                 \
          "add a2, a2, t2\n"                 \
          "addi s6, s6, -1\n"                \
          "bnez s6, 5b\n"                    \
          "mul t1, t1, s7\n"                 \
          "mul t2, t2, s7\n"                 \
          "sub a1, a1, t1\n"                 \
          "sub a2, a2, t2\n"                 \
          "add a1, a1, t0\n"                 \
          "add a2, a2, t0\n"                 \
          "sub s0, s0, t0\n"                 \
          "sub a7, a7, t0\n"                 \
          "slli t1, t0, 1\n"                 \
          "add a3, a3, t1\n"                 \
          "add a6, a6, t1\n"                 \
          "slli t1, t0, 2\n"                 \
          "add a4, a4, t1\n"                 \
          "add a5, a5, t1\n"                 \
          "bgtz a7, 1b\n"                    \
          EDGEC_RVV_RETURN)

/* Products of two taps join the sums. */
#define EDGEC_RVV_JOIN                       \
  "vsetvli zero, zero, e16, m4, ta, ma\n"    \
  "vwadd.wv v24, v24, v20\n"                 \
  "vsetvli zero, zero, e8, m2, ta, ma\n"

/* 13 instructions for two taps, which are 64 products with vectors of 128 bits. */
EDGEC_ASSEMBLY void edgec_depthwise_any_rvv(EDGEC_ARGUMENT const edgec_depthwise_rvv *op, EDGEC_ARGUMENT const int8_t *x,
                                            EDGEC_ARGUMENT int8_t *y, EDGEC_ARGUMENT int32_t rows)
{
  EDGEC_RVV_DEPTHWISE("",
                      "ld t6, 32(a0)\n"
                      "lw s10, 40(a0)\n"
                      "mv s9, a3\n"
                      "4:\n"
                      "lw t5, 0(t6)\n"
                      "add t5, t5, t1\n"
                      "vle8.v v0, (t5)\n"
                      "lw t5, 4(t6)\n"
                      "add t5, t5, t1\n"
                      "vle8.v v2, (t5)\n"
                      "vlseg2e8.v v4, (s9)\n"
                      "addi t6, t6, 8\n"
                      "add s9, s9, s8\n"
                      "vwmul.vv v20, v0, v4\n"
                      "vwmacc.vv v20, v2, v6\n"
                      EDGEC_RVV_JOIN
                      "addi s10, s10, -1\n"
                      "bnez s10, 4b\n");
}

/* Two taps at t5, the second one `next` behind the first one, by weights in registers. */
#define EDGEC_RVV_TWO_TAPS(next, after, first, second) \
  "vle8.v v16, (t5)\n"                                 \
  "add t5, t5, " next "\n"                             \
  "vle8.v v18, (t5)\n"                                 \
  "add t5, t5, " after "\n"                            \
  "vwmul.vv v20, v16, " first "\n"                     \
  "vwmacc.vv v20, v18, " second "\n"                   \
  EDGEC_RVV_JOIN

/* Windows of 3 x 3: 44 instructions for their 9 taps. Weights stay in registers but the last one. */
EDGEC_ASSEMBLY void edgec_depthwise_3x3_rvv(EDGEC_ARGUMENT const edgec_depthwise_rvv *op, EDGEC_ARGUMENT const int8_t *x,
                                         EDGEC_ARGUMENT int8_t *y, EDGEC_ARGUMENT int32_t rows)
{
  EDGEC_RVV_DEPTHWISE("add t6, a3, s8\n"
                      "vlseg2e8.v v0, (a3)\n"
                      "vlseg2e8.v v4, (t6)\n"
                      "add t6, t6, s8\n"
                      "vlseg2e8.v v8, (t6)\n"
                      "add t6, t6, s8\n"
                      "vlseg2e8.v v12, (t6)\n"
                      "add t6, t6, s8\n",
                      "mv t5, t1\n"
                      EDGEC_RVV_TWO_TAPS("s4", "s4", "v0", "v2")
                      EDGEC_RVV_TWO_TAPS("s5", "s4", "v4", "v6")
                      EDGEC_RVV_TWO_TAPS("s4", "s5", "v8", "v10")
                      EDGEC_RVV_TWO_TAPS("s4", "s4", "v12", "v14")
                      "vle8.v v16, (t5)\n"
                      "vlseg2e8.v v18, (t6)\n"
                      "vwmul.vv v20, v16, v18\n"
                      EDGEC_RVV_JOIN);
}

/* `out_rows` rows of output. scratch: rows with their padding. */
EDGEC_FUNCTION void edgec_depthwise_rvv_i8(const edgec_depthwise_rvv *op, const int8_t *const *rows, int32_t out_rows,
                                           int8_t *y, void *scratch)
{
  edgec_pad_rows_rvv(&op->padded, rows, out_rows, (int8_t *)scratch);
  edgec_depthwise_any_rvv(op, (const int8_t *)scratch, y, out_rows);
  edgec_clamp_rvv(op->low, op->high, y, out_rows * op->lanes);
}

/* The same by windows of 3 x 3. */
EDGEC_FUNCTION void edgec_depthwise3x3_rvv_i8(const edgec_depthwise_rvv *op, const int8_t *const *rows, int32_t out_rows,
                                              int8_t *y, void *scratch)
{
  edgec_pad_rows_rvv(&op->padded, rows, out_rows, (int8_t *)scratch);
  edgec_depthwise_3x3_rvv(op, (const int8_t *)scratch, y, out_rows);
  edgec_clamp_rvv(op->low, op->high, y, out_rows * op->lanes);
}

#endif
