/* Depthwise convolution of bytes by one tap on Armv6-M: channels that are scaled and shifted. */
#ifndef EDGEC_DEPTHWISE_1X1_ARMV6M_H
#define EDGEC_DEPTHWISE_1X1_ARMV6M_H

#include "edgec/assembly_armv6m.h"

/* `stream`: of each channel whole, part of 14 bits and `last` above, begin (assembly_armv6m.h), and the bias, less what sums
   count from. */
typedef struct {
  const int32_t *stream;
  const int8_t *weights;
  int32_t channels;
} edgec_depthwise_1x1_armv6m;

/* One pixel; y may be x. 24 instructions for each channel.
   r0-r5 as in assembly_armv6m.h, r6: stream, r7: minus the channels left, r8, r9, r10: ends of x, weights, y. */
EDGEC_ASSEMBLY void edgec_scale_channels_armv6m(EDGEC_ARGUMENT const edgec_depthwise_1x1_armv6m *op,
                                                EDGEC_ARGUMENT const int8_t *x, EDGEC_ARGUMENT int8_t *y)
{
  __asm__(EDGEC_ARMV6M_ENTER(0)
          "ldm r0!, {r5, r6, r7}\n"
          "adds r1, r1, r7\n"
          "adds r6, r6, r7\n"
          "adds r2, r2, r7\n"
          "mov r8, r1\n"
          "mov r9, r6\n"
          "mov r10, r2\n"
          "movs r6, r5\n"
          "rsbs r7, r7, #0\n"
          "1:\n"
          "mov r4, r8\n"
          "ldrsb r5, [r4, r7]\n"
          "mov r4, r9\n"
          "ldrsb r4, [r4, r7]\n"
          "muls r5, r4, r5\n"
          "ldm r6!, {r1, r2, r3, r4}\n"
          "adds r5, r5, r4\n"
          "lsrs r4, r2, #14\n"
          "lsls r2, r2, #18\n"
          "lsrs r2, r2, #18\n"
          EDGEC_ARMV6M_CODE(1)
          "mov r5, r10\n"
          "strb r0, [r5, r7]\n"
          "adds r7, r7, #1\n"
          "bne 1b\n"
          EDGEC_ARMV6M_LEAVE(0)
          EDGEC_ARMV6M_BEYOND(1));
}

EDGEC_BLOCK_KERNEL void edgec_depthwise_1x1_armv6m_i8(const edgec_depthwise_1x1_armv6m *op, int32_t pixels, const int8_t *x,
                                                      int8_t *y)
{
  for (int32_t p = 0; p < pixels; ++p) {
    edgec_scale_channels_armv6m(op, x + p * op->channels, y + p * op->channels);
    EDGEC_EFFECT();
  }
}

#endif
