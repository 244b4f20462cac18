/* Depthwise convolution of bytes by one tap with the DSP extension: channels that are scaled and shifted. */
#ifndef EDGEC_DEPTHWISE_1X1_DSP_H
#define EDGEC_DEPTHWISE_1X1_DSP_H

#include "edgec/block_dsp.h"

/* One layer. `stream`: of each channel bias, multiplier, begin, and its weight in the upper halfword above shift - 32
   (block_dsp.h). */
typedef struct {
  const uint32_t *stream;
  int32_t channels;
  int32_t low; /* clamp of the code */
  int32_t high;
} edgec_depthwise_1x1_dsp;

#define EDGEC_DSP_SCALED          \
  "ldm r0!, {r4-r7}\n"            \
  "ldrsb r12, [r1], #1\n"         \
  "smlabt r4, r12, r7, r4\n"      \
  "smmla r4, r4, r5, r6\n"        \
  "asr r4, r4, r7\n"              \
  "ssat r4, #8, r4\n"             \
  "strb r4, [r2], #1\n"

/* One pixel of so many channels; y may be x. */
EDGEC_ASSEMBLY void edgec_scale_channels_dsp(EDGEC_ARGUMENT const uint32_t *stream, EDGEC_ARGUMENT const int8_t *x,
                                             EDGEC_ARGUMENT int8_t *y, EDGEC_ARGUMENT int32_t channels)
{
  __asm__("push {r4-r7, lr}\n"
          "lsls lr, r3, #31\n"
          "beq 1f\n"
          EDGEC_DSP_SCALED
          "1:\n"
          "lsrs r3, r3, #1\n"
          "beq 3f\n"
          "2:\n"
          EDGEC_DSP_SCALED
          EDGEC_DSP_SCALED
          "subs r3, r3, #1\n"
          "bne 2b\n"
          "3:\n"
          "pop {r4-r7, pc}\n");
}

EDGEC_BLOCK_KERNEL void edgec_depthwise_1x1_dsp_i8(const edgec_depthwise_1x1_dsp *op, int32_t pixels, const int8_t *x,
                                               int8_t *y)
{
  for (int32_t p = 0; p < pixels; ++p) {
    const ptrdiff_t place = p * op->channels;
    edgec_scale_channels_dsp(op->stream, x + place, y + place, op->channels);
  }
  if (op->low > INT8_MIN || op->high < INT8_MAX) {
    edgec_narrow_dsp(y, pixels * op->channels, op->low, op->high);
  }
}

#endif
