/* Codes of other scales, of which one is of 16 bits, with the vectors of Armv8.1-M. Between bytes these are tables. */
#ifndef EDGEC_REQUANTIZE_MVE_H
#define EDGEC_REQUANTIZE_MVE_H

#include "edgec/assembly.h"

#if !defined(__ARM_FEATURE_MVE)
#error "these kernels need the vectors of Armv8.1-M: compile for the core that the model was made for"
#endif

/* (x - x_zero) * multiplier / 2^16 is rounded down, and that / 2^-shift to nearest, half way up: no different from one rounding
   of both, as there is a second one. */
typedef struct {
  int32_t x_zero;
  int32_t multiplier;
  int32_t shift; /* negative */
  int32_t zero_point;
} edgec_requantize_mve;

/* x - x_zero is of 16 bits. */
#define EDGEC_MVE_REQUANTIZE(load, narrow_and_store) \
  __asm__("push {r4-r7, lr}\n"                       \
          "ldm r0, {r4-r7}\n"                        \
          "wlstp.32 lr, r3, 2f\n"                    \
          "1:\n"                                     \
          load                                       \
          "vsub.i32 q0, q0, r4\n"                    \
          "vshl.i32 q0, q0, #15\n"                   \
          "vqdmulh.s32 q0, q0, r5\n"                 \
          "vrshl.s32 q0, r6\n"                       \
          "vqadd.s32 q0, q0, r7\n"                   \
          "vqmovnb.s32 q0, q0\n"                     \
          narrow_and_store                           \
          "letp lr, 1b\n"                            \
          "2:\n"                                     \
          "pop {r4-r7, pc}\n")

#define EDGEC_MVE_LOAD_I8 "vldrb.s32 q0, [r1], #4\n"
#define EDGEC_MVE_LOAD_I16 "vldrh.s32 q0, [r1], #8\n"
#define EDGEC_MVE_TO_I8 "vqmovnb.s16 q0, q0\n" "vstrb.32 q0, [r2], #4\n"
#define EDGEC_MVE_TO_I16 "vstrh.32 q0, [r2], #8\n"

EDGEC_ASSEMBLY void edgec_requantize_mve_i8_i16(EDGEC_ARGUMENT const edgec_requantize_mve *op,
                                                EDGEC_ARGUMENT const int8_t *x, EDGEC_ARGUMENT int16_t *y,
                                                EDGEC_ARGUMENT int32_t count)
{
  EDGEC_MVE_REQUANTIZE(EDGEC_MVE_LOAD_I8, EDGEC_MVE_TO_I16);
}

EDGEC_ASSEMBLY void edgec_requantize_mve_i16_i8(EDGEC_ARGUMENT const edgec_requantize_mve *op,
                                                EDGEC_ARGUMENT const int16_t *x, EDGEC_ARGUMENT int8_t *y,
                                                EDGEC_ARGUMENT int32_t count)
{
  EDGEC_MVE_REQUANTIZE(EDGEC_MVE_LOAD_I16, EDGEC_MVE_TO_I8);
}

/* y may be x. */
EDGEC_ASSEMBLY void edgec_requantize_mve_i16_i16(EDGEC_ARGUMENT const edgec_requantize_mve *op,
                                                 EDGEC_ARGUMENT const int16_t *x, EDGEC_ARGUMENT int16_t *y,
                                                 EDGEC_ARGUMENT int32_t count)
{
  EDGEC_MVE_REQUANTIZE(EDGEC_MVE_LOAD_I16, EDGEC_MVE_TO_I16);
}

#endif
