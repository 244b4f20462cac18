/* Elementwise functions of bytes as tables with the vectors of Armv8.1-M. */
#ifndef EDGEC_LOOKUP_MVE_H
#define EDGEC_LOOKUP_MVE_H

#include "edgec/assembly.h"

/* y[i] = table[x[i] - lowest], bytes all; y may be x. `flip` is the lowest byte's bits. */
EDGEC_ASSEMBLY void edgec_lookup_mve_8(EDGEC_ARGUMENT const void *x, EDGEC_ARGUMENT const void *table,
                                       EDGEC_ARGUMENT void *y, EDGEC_ARGUMENT int32_t count,
                                       EDGEC_ARGUMENT int32_t flip)
{
  __asm__("push {r4, lr}\n"
          "ldr r4, [sp, #8]\n"
          "vdup.8 q1, r4\n"
          "wlstp.8 lr, r3, 2f\n"
          "1:\n"
          "vldrb.8 q0, [r0], #16\n"
          "veor q0, q0, q1\n"
          "vldrb.u8 q2, [r1, q0]\n"
          "vstrb.8 q2, [r2], #16\n"
          "letp lr, 1b\n"
          "2:\n"
          "pop {r4, pc}\n");
}

#endif
