/* Product of two matrices of bytes, neither known at compile time, with the vectors of Armv8.1-M. */
#ifndef EDGEC_MATMUL_MVE_H
#define EDGEC_MATMUL_MVE_H

#include "edgec/block_mve.h"

/* Sums are of products of codes. What zero points add to them is, for a column of b, -a_zero times its sum, and for a row of a,
   whole - b_zero times its sum. They become codes as in block_mve.h. */
typedef struct {
  int32_t inner; /* columns of a, rows of b */
  int32_t multiplier;
  int32_t right; /* 31 - shift */
  int32_t whole; /* inner * a_zero * b_zero */
  int32_t b_zero;
  int32_t zero_point;
  int32_t rows;    /* of a and y, 2 or more */
  int32_t columns; /* of b and y, 4 or more */
  int32_t a_zero;
  int32_t steps; /* 16 rows of b each */
  int32_t chunk; /* groups of 4 columns that scratch has room for */
} edgec_matmul_mve;

/* A column of b to a place in steps, 16 of every 64 bytes, filled up with zeros, and its sum. */
EDGEC_ASSEMBLY void edgec_pack_column_mve(EDGEC_ARGUMENT const int8_t *b, EDGEC_ARGUMENT int8_t *to,
                                          EDGEC_ARGUMENT int32_t inner, EDGEC_ARGUMENT int32_t columns,
                                          EDGEC_ARGUMENT int32_t *sum)
{
  __asm__("push {r4-r6, lr}\n"
          "ldr r5, [sp, #16]\n"
          "movs r4, #0\n"
          "vidup.u16 q1, r4, #1\n"
          "vmul.i16 q1, q1, r3\n"
          "lsls r3, r3, #3\n"
          "movs r4, #0\n"
          "1:\n"
          "vctp.16 r2\n"
          "vpst\n"
          "vldrbt.s16 q0, [r0, q1]\n"
          "vaddva.s16 r4, q0\n"
          "vstrb.16 q0, [r1]\n"
          "add r0, r3\n"
          "subs r2, r2, #8\n"
          "usat r6, #16, r2\n"
          "vctp.16 r6\n"
          "vpst\n"
          "vldrbt.s16 q0, [r0, q1]\n"
          "vaddva.s16 r4, q0\n"
          "vstrb.16 q0, [r1, #8]\n"
          "adds r1, #64\n"
          "add r0, r3\n"
          "subs r2, r2, #8\n"
          "bgt 1b\n"
          "str r4, [r5]\n"
          "pop {r4-r6, pc}\n");
}

/* Two rows of a, `row` bytes apart and read by whole steps, by packed columns up to `end`; of the result they are `next` bytes
   apart. 16 instructions a step, which is 128 products. */
EDGEC_ASSEMBLY void edgec_matmul_2x4_mve(EDGEC_ARGUMENT const edgec_matmul_mve *op, EDGEC_ARGUMENT const int8_t *a,
                                         EDGEC_ARGUMENT int32_t row, EDGEC_ARGUMENT int8_t *y,
                                         EDGEC_ARGUMENT const uint32_t *stream, EDGEC_ARGUMENT const uint32_t *end)
{
  /* On the stack: 0 both rows, 8 what is added to their sums, 16 multiplier and right, 24 end; r11 the end of the row. */
  __asm__("push {r4-r11, lr}\n"
          "vpush {d8-d9}\n"
          "sub sp, #28\n"
          "add r2, r1\n"
          "strd r1, r2, [sp]\n"
          "ldr r7, [r0, #28]\n" /* columns */
          "add r5, r3, r7\n"
          "mov r7, r3\n"
          "ldr r10, [r0], #4\n"
          "movs r4, #0\n"
          "movs r6, #0\n"
          "mov r3, r1\n"
          "dlstp.8 lr, r10\n"
          "1:\n"
          "vldrb.8 q0, [r3], #16\n"
          "vldrb.8 q1, [r2], #16\n"
          "vaddva.s8 r4, q0\n"
          "vaddva.s8 r6, q1\n"
          "letp lr, 1b\n"
          "mov r11, r3\n"
          "ldm r0, {r2, r3, r8, r9, r10}\n" /* multiplier, right, whole, b_zero, zero_point */
          "vdup.16 q4, r10\n"
          "mls r4, r4, r9, r8\n"
          "mls r6, r6, r9, r8\n"
          "strd r4, r6, [sp, #8]\n"
          "strd r2, r3, [sp, #16]\n"
          "ldrd r9, r0, [sp, #80]\n"
          "str r0, [sp, #24]\n"
          "2:\n" /* a group: r1, r3 a, r9 stream, r7, r5 y */
          "ldrd r1, r3, [sp]\n"
          EDGEC_MVE_STEP_2X4("vmladav")
          "cmp r1, r11\n"
          "beq 4f\n"
          "3:\n" EDGEC_MVE_STEP_2X4("vmladava")
          "cmp r1, r11\n"
          "bne 3b\n"
          "4:\n"
          "vmov q0[2], q0[0], r0, r4\n"
          "vldrw.32 q2, [r9], #16\n"
          "vmov q0[3], q0[1], r2, r6\n"
          "ldrd r0, r2, [sp, #8]\n"
          "vadd.i32 q0, q0, q2\n"
          "vmov q1[2], q1[0], r8, r12\n"
          "ldrd r4, r6, [sp, #16]\n"
          "vmov q1[3], q1[1], r10, lr\n"
          "vadd.i32 q0, q0, r0\n"
          "vadd.i32 q1, q1, q2\n"
          "vqdmulh.s32 q0, q0, r4\n"
          "vadd.i32 q1, q1, r2\n"
          "vrshl.s32 q0, r6\n"
          "vqdmulh.s32 q1, q1, r4\n"
          "vqmovnb.s32 q0, q0\n"
          "vrshl.s32 q1, r6\n"
          "vqmovnt.s32 q0, q1\n"
          "ldr r0, [sp, #24]\n"
          "vqadd.s16 q0, q0, q4\n"
          "vqmovnb.s16 q0, q0\n"
          "vstrb.32 q0, [r7], #4\n"
          "vshr.u32 q0, q0, #16\n"
          "vstrb.32 q0, [r5], #4\n"
          "cmp r9, r0\n"
          "bne 2b\n"
          "add sp, #28\n"
          "vpop {d8-d9}\n"
          "pop {r4-r11, pc}\n");
}

/* `groups` of 4 columns from the first one of b and y on. */
EDGEC_FUNCTION void edgec_matmul_columns_mve(const edgec_matmul_mve *op, const int8_t *a, const int8_t *b, int8_t *y,
                                             int32_t groups, void *scratch)
{
  const int32_t group = op->steps * 16 + 4;
  uint32_t *const stream = (uint32_t *)scratch;
  int8_t *const copy = (int8_t *)(stream + op->chunk * group);
  for (int32_t g = 0; g < groups; ++g) {
    int32_t sums[4];
    for (int32_t c = 0; c < 4; ++c) {
      int8_t *const to = (int8_t *)(stream + g * group) + c * 16;
      edgec_pack_column_mve(b + (g * 4 + c), to, op->inner, op->columns, &sums[c]);
      stream[(g + 1) * group - 4 + c] = (uint32_t)(-op->a_zero * sums[c]);
    }
  }
  for (int32_t next = 0; next < op->rows; next += 2) {
    const int32_t i = next < op->rows - 2 ? next : op->rows - 2;
    const int8_t *rows = a + i * op->inner;
    if (op->inner % 16 > 0) {
      edgec_copy_mve(copy, rows, op->inner);
      edgec_copy_mve(copy + op->steps * 16, rows + op->inner, op->inner);
      rows = copy;
    }
    edgec_matmul_2x4_mve(op, rows, op->inner % 16 > 0 ? op->steps * 16 : op->inner, y + i * op->columns, stream,
                         stream + groups * group);
  }
}

/* y[i][j] = code of the sum of (a[i][k] - a_zero) * (b[k][j] - b_zero). scratch: groups of columns, then two rows of a by whole
   steps. */
EDGEC_BLOCK_KERNEL void edgec_matmul_mve_i8(const edgec_matmul_mve *op, const int8_t *a, const int8_t *b, int8_t *y,
                                        void *scratch)
{
  const int32_t over = op->columns % 4;
  if (over > 0) {
    edgec_matmul_columns_mve(op, a, b, y, 1, scratch);
  }
  for (int32_t left = op->columns / 4, j = over, count = 0; left > 0; left -= count, j += count * 4) {
    count = left < op->chunk ? left : op->chunk;
    edgec_matmul_columns_mve(op, a, b + j, y + j, count, scratch);
  }
}

#endif
