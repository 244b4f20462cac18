/* Planes of bytes to pixels with the vectors of Armv8.1-M. */
#ifndef EDGEC_TRANSPOSE_MVE_H
#define EDGEC_TRANSPOSE_MVE_H

#include "edgec/assembly.h"

/* A plane of `count` bytes to where every `channels`-th is, 17 at most. */
EDGEC_ASSEMBLY void edgec_plane_mve(EDGEC_ARGUMENT const int8_t *x, EDGEC_ARGUMENT int8_t *y,
                                    EDGEC_ARGUMENT int32_t count, EDGEC_ARGUMENT int32_t channels)
{
  __asm__("push {r4, lr}\n"
          "movs r4, #0\n"
          "vidup.u8 q1, r4, #1\n"
          "vmul.i8 q1, q1, r3\n"
          "lsls r3, r3, #4\n"
          "wlstp.8 lr, r2, 2f\n"
          "1:\n"
          "vldrb.8 q0, [r0], #16\n"
          "vstrb.8 q0, [r1, q1]\n"
          "add r1, r3\n"
          "letp lr, 1b\n"
          "2:\n"
          "pop {r4, pc}\n");
}

/* y[i][c] = x[c][i] */
EDGEC_FUNCTION void edgec_transpose_mve_8(const void *x, void *y, int32_t channels, int32_t count)
{
  const int8_t *const from = (const int8_t *)x;
  int8_t *const to = (int8_t *)y;
  for (int32_t c = 0; c < channels; ++c) {
    edgec_plane_mve(from + c * count, to + c, count, channels);
  }
}

#endif
