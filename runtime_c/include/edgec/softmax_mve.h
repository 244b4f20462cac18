/* Softmax of bytes that lie side by side with the vectors of Armv8.1-M. */
#ifndef EDGEC_SOFTMAX_MVE_H
#define EDGEC_SOFTMAX_MVE_H

#include "edgec/block_mve.h"

/* exponential and scaled are those of softmax_quantized.h. */
typedef struct {
  const int32_t *exponential;
  int32_t right; /* 31 - shift */
  int32_t zero_point;
  int64_t scaled;
} edgec_softmax_mve;

EDGEC_ASSEMBLY void edgec_top_mve(EDGEC_ARGUMENT const int8_t *x, EDGEC_ARGUMENT int32_t count,
                                  EDGEC_ARGUMENT int32_t *top)
{
  __asm__("push {r4, lr}\n"
          "mvn r4, #127\n"
          "wlstp.8 lr, r1, 2f\n"
          "1:\n"
          "vldrb.8 q0, [r0], #16\n"
          "vmaxv.s8 r4, q0\n"
          "letp lr, 1b\n"
          "2:\n"
          "str r4, [r2]\n"
          "pop {r4, pc}\n");
}

/* The sum of the exponentials of x - top. */
EDGEC_ASSEMBLY void edgec_exponentials_mve(EDGEC_ARGUMENT const edgec_softmax_mve *op, EDGEC_ARGUMENT const int8_t *x,
                                           EDGEC_ARGUMENT int32_t count, EDGEC_ARGUMENT int32_t top,
                                           EDGEC_ARGUMENT int64_t *sum)
{
  __asm__("push {r4, r5, r6, lr}\n"
          "ldr r0, [r0]\n"
          "ldr r6, [sp, #16]\n"
          "vdup.32 q2, r3\n"
          "movs r4, #0\n"
          "movs r5, #0\n"
          "wlstp.32 lr, r2, 2f\n"
          "1:\n"
          "vldrb.s32 q0, [r1], #4\n"
          "vsub.i32 q0, q2, q0\n"
          "vldrw.u32 q1, [r0, q0, uxtw #2]\n"
          "vaddlva.s32 r4, r5, q1\n"
          "letp lr, 1b\n"
          "2:\n"
          "strd r4, r5, [r6]\n"
          "pop {r4, r5, r6, pc}\n");
}

/* y may be x. */
EDGEC_ASSEMBLY void edgec_quotients_mve(EDGEC_ARGUMENT const edgec_softmax_mve *op, EDGEC_ARGUMENT const int8_t *x,
                                        EDGEC_ARGUMENT int32_t count, EDGEC_ARGUMENT int32_t top,
                                        EDGEC_ARGUMENT int32_t quotient, EDGEC_ARGUMENT int8_t *y)
{
  __asm__("push {r4-r6, lr}\n"
          "vdup.32 q2, r3\n"
          "ldrd r3, r6, [sp, #16]\n"
          "ldrd r4, r5, [r0, #4]\n"
          "ldr r0, [r0]\n"
          "wlstp.32 lr, r2, 2f\n"
          "1:\n"
          "vldrb.s32 q0, [r1], #4\n"
          "vsub.i32 q0, q2, q0\n"
          "vldrw.u32 q1, [r0, q0, uxtw #2]\n"
          "vqdmulh.s32 q1, q1, r3\n"
          "vrshl.s32 q1, r4\n"
          "vqmovnb.s32 q1, q1\n"
          "vqadd.s16 q1, q1, r5\n"
          "vqmovnb.s16 q1, q1\n"
          "vstrb.32 q1, [r6], #4\n"
          "letp lr, 1b\n"
          "2:\n"
          "pop {r4-r6, pc}\n");
}

/* `lines` of `count` elements each. y may be x. */
EDGEC_BLOCK_KERNEL void edgec_softmax_mve_i8(const edgec_softmax_mve *op, int32_t lines, int32_t count, const int8_t *x,
                                         int8_t *y)
{
  for (int32_t i = 0; i < lines; ++i, x += count, y += count) {
    int32_t top;
    int64_t sum;
    edgec_top_mve(x, count, &top);
    edgec_exponentials_mve(op, x, count, top, &sum);
    edgec_quotients_mve(op, x, count, top, (int32_t)(op->scaled / sum), y);
  }
}

#endif
