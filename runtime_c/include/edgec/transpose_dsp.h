/* Transposed matrices of bytes with the DSP extension: blocks of 4 x 4, and three planes to pixels and back. */
#ifndef EDGEC_TRANSPOSE_DSP_H
#define EDGEC_TRANSPOSE_DSP_H

#include "edgec/block_dsp.h"

/* y[c * y_step + r] = x[r * x_step + c]; the steps are in bytes, rows and columns 4 or more. */
typedef struct {
  int32_t rows;
  int32_t columns;
  int32_t x_step;
  int32_t y_step;
} edgec_transpose_dsp;

/* SEL takes bytes 0 and 2 from its first operand, 1 and 3 from its second. */
#define EDGEC_DSP_EVEN(a, b)           \
  "mov " a ", #0x00ff00ff\n"           \
  "mov " b ", #0x00010001\n"           \
  "uadd8 " a ", " a ", " b "\n"

/* r2, r3: steps, r10, r11: three times as much. `x_by`, `y_by` go to the next block, `x_end`, `y_end` back to the last 4
   of `count`, where some are left: what is written twice is the same. */
#define EDGEC_DSP_TRANSPOSE(load, x_by, store, y_by, x_end, y_end) \
  __asm__("push {r4-r11, lr}\n"                                    \
          "ldr lr, [sp, #36]\n"                                    \
          EDGEC_DSP_EVEN("r4", "r5")                               \
          "add r10, r2, r2, lsl #1\n"                              \
          "add r11, r3, r3, lsl #1\n"                              \
          "lsr r12, lr, #2\n"                                      \
          "and lr, lr, #3\n"                                       \
          "1:\n"                                                   \
          "ldr r5, [r0, r2]\n"                                     \
          "ldr r6, [r0, r2, lsl #1]\n"                             \
          "ldr r7, [r0, r10]\n"                                    \
          load                                                     \
          x_by                                                     \
          "lsl r8, r5, #8\n"                                       \
          "lsr r9, r4, #8\n"                                       \
          "sel r4, r4, r8\n"                                       \
          "sel r5, r9, r5\n"                                       \
          "lsl r8, r7, #8\n"                                       \
          "lsr r9, r6, #8\n"                                       \
          "sel r6, r6, r8\n"                                       \
          "sel r7, r9, r7\n"                                       \
          "pkhbt r8, r4, r6, lsl #16\n"                            \
          "pkhtb r6, r6, r4, asr #16\n"                            \
          "pkhbt r9, r5, r7, lsl #16\n"                            \
          "pkhtb r7, r7, r5, asr #16\n"                            \
          "str r9, [r1, r3]\n"                                     \
          "str r6, [r1, r3, lsl #1]\n"                             \
          "str r7, [r1, r11]\n"                                    \
          store                                                    \
          y_by                                                     \
          "subs r12, r12, #1\n"                                    \
          "bne 1b\n"                                               \
          "cmp lr, #0\n"                                           \
          "beq 2f\n"                                               \
          "sub r4, lr, #4\n"                                       \
          x_end                                                    \
          y_end                                                    \
          "mov r12, #1\n"                                          \
          "mov lr, #0\n"                                           \
          "b 1b\n"                                                 \
          "2:\n"                                                   \
          "pop {r4-r11, pc}\n")

/* Four rows of `count` columns. */
EDGEC_ASSEMBLY void edgec_transpose_rows_dsp(EDGEC_ARGUMENT const uint8_t *x, EDGEC_ARGUMENT uint8_t *y,
                                             EDGEC_ARGUMENT int32_t x_step, EDGEC_ARGUMENT int32_t y_step,
                                             EDGEC_ARGUMENT int32_t count)
{
  EDGEC_DSP_TRANSPOSE("ldr r4, [r0], #4\n", "", "str r8, [r1]\n", "add r1, r1, r3, lsl #2\n", "add r0, r0, r4\n",
                      "mla r1, r4, r3, r1\n");
}

/* Four columns of `count` rows. */
EDGEC_ASSEMBLY void edgec_transpose_columns_dsp(EDGEC_ARGUMENT const uint8_t *x, EDGEC_ARGUMENT uint8_t *y,
                                                EDGEC_ARGUMENT int32_t x_step, EDGEC_ARGUMENT int32_t y_step,
                                                EDGEC_ARGUMENT int32_t count)
{
  EDGEC_DSP_TRANSPOSE("ldr r4, [r0]\n", "add r0, r0, r2, lsl #2\n", "str r8, [r1], #4\n", "", "mla r0, r4, r2, r0\n",
                      "add r1, r1, r4\n");
}

/* The longer side is that of the inner loop. */
EDGEC_BLOCK_KERNEL void edgec_transpose_dsp_8(const edgec_transpose_dsp *op, const void *x, void *y)
{
  const uint8_t *const from = (const uint8_t *)x;
  uint8_t *const to = (uint8_t *)y;
  if (op->columns >= op->rows) {
    for (int32_t next = 0; next < op->rows; next += 4) {
      const int32_t row = next < op->rows - 4 ? next : op->rows - 4;
      edgec_transpose_rows_dsp(from + row * op->x_step, to + row, op->x_step, op->y_step, op->columns);
    }
  } else {
    for (int32_t next = 0; next < op->columns; next += 4) {
      const int32_t column = next < op->columns - 4 ? next : op->columns - 4;
      edgec_transpose_columns_dsp(from + column, to + column * op->y_step, op->x_step, op->y_step, op->rows);
    }
  }
}

/* Planes of `count` bytes, 4 or more, that lie `step` apart, to pixels of three bytes. */
EDGEC_ASSEMBLY void edgec_planes_to_pixels_dsp_8(EDGEC_ARGUMENT const void *x, EDGEC_ARGUMENT void *y,
                                                 EDGEC_ARGUMENT int32_t step, EDGEC_ARGUMENT int32_t count)
{
  __asm__("push {r4-r10, lr}\n"
          EDGEC_DSP_EVEN("r5", "r6")
          "add r4, r0, r2\n"
          "add r2, r4, r2\n"
          "lsr r12, r3, #2\n"
          "and r3, r3, #3\n"
          "1:\n"
          "ldr r5, [r0], #4\n"
          "ldr r6, [r4], #4\n"
          "ldr r7, [r2], #4\n"
          "lsl r8, r6, #8\n"
          "sel r8, r5, r8\n" /* a0 b0 a2 b2 */
          "sel r9, r7, r5\n" /* c0 a1 c2 a3 */
          "lsr r6, r6, #8\n"
          "sel r6, r6, r7\n" /* b1 c1 b3 c3 */
          "pkhbt r5, r8, r9, lsl #16\n"
          "pkhbt r7, r6, r8\n"
          "pkhtb r6, r6, r9, asr #16\n"
          "str r5, [r1], #4\n"
          "str r7, [r1], #4\n"
          "str r6, [r1], #4\n"
          "subs r12, r12, #1\n"
          "bne 1b\n"
          "cmp r3, #0\n"
          "beq 2f\n"
          "sub r3, r3, #4\n" /* the last 4 */
          "add r0, r0, r3\n"
          "add r4, r4, r3\n"
          "add r2, r2, r3\n"
          "add r3, r3, r3, lsl #1\n"
          "add r1, r1, r3\n"
          "mov r12, #1\n"
          "mov r3, #0\n"
          "b 1b\n"
          "2:\n"
          "pop {r4-r10, pc}\n");
}

/* The other way round. */
EDGEC_ASSEMBLY void edgec_pixels_to_planes_dsp_8(EDGEC_ARGUMENT const void *x, EDGEC_ARGUMENT void *y,
                                                 EDGEC_ARGUMENT int32_t step, EDGEC_ARGUMENT int32_t count)
{
  __asm__("push {r4-r10, lr}\n"
          EDGEC_DSP_EVEN("r5", "r6")
          "add r4, r1, r2\n"
          "add r2, r4, r2\n"
          "lsr r12, r3, #2\n"
          "and r3, r3, #3\n"
          "1:\n"
          "ldr r5, [r0], #4\n"
          "ldr r6, [r0], #4\n"
          "ldr r7, [r0], #4\n"
          "pkhbt r8, r5, r6\n" /* a0 b0 a2 b2 */
          "lsr r9, r5, #16\n"
          "pkhbt r9, r9, r7, lsl #16\n" /* c0 a1 c2 a3 */
          "pkhbt r6, r6, r7\n"          /* b1 c1 b3 c3 */
          "sel r5, r8, r9\n"
          "lsr r8, r8, #8\n"
          "lsl r7, r6, #8\n"
          "sel r7, r8, r7\n"
          "sel r6, r9, r6\n"
          "str r5, [r1], #4\n"
          "str r7, [r4], #4\n"
          "str r6, [r2], #4\n"
          "subs r12, r12, #1\n"
          "bne 1b\n"
          "cmp r3, #0\n"
          "beq 2f\n"
          "sub r3, r3, #4\n"
          "add r1, r1, r3\n"
          "add r4, r4, r3\n"
          "add r2, r2, r3\n"
          "add r3, r3, r3, lsl #1\n"
          "add r0, r0, r3\n"
          "mov r12, #1\n"
          "mov r3, #0\n"
          "b 1b\n"
          "2:\n"
          "pop {r4-r10, pc}\n");
}

#endif
