/* Matrices transposed line by line with the vectors of Armv8.1-M. */
#ifndef EDGEC_TRANSPOSE_MVE_H
#define EDGEC_TRANSPOSE_MVE_H

#include "edgec/assembly.h"

#if !defined(__ARM_FEATURE_MVE)
#error "these kernels need the vectors of Armv8.1-M: compile for the core that the model was made for"
#endif

/* In bytes but for the numbers of lines and of elements of one. */
typedef struct {
  int32_t lines;
  int32_t x_line; /* from one to the next */
  int32_t y_line;
  int32_t count;
  int32_t step; /* from one element to the next, where these don't lie together */
} edgec_transpose_mve;

/* A line of `count` elements whose offsets are of `index` bits: 2^shift at a time. */
#define EDGEC_MVE_LINE(index, shift, move)  \
  __asm__("push {r4, lr}\n"                        \
          "movs r4, #0\n"                          \
          "vidup.u" index " q1, r4, #1\n"          \
          "vmul.i" index " q1, q1, r3\n"           \
          "lsls r3, r3, #" shift "\n"              \
          "wlstp." index " lr, r2, 2f\n"           \
          "1:\n"                                   \
          move                                     \
          "letp lr, 1b\n"                          \
          "2:\n"                                   \
          "pop {r4, pc}\n")

/* Lines of x, the elements of which are `step` apart in y, and lines of y, the elements of which are in x. */
#define EDGEC_LINES_MVE(name, index, shift, move)                                                       \
  EDGEC_ASSEMBLY void edgec_line_##name(EDGEC_ARGUMENT const int8_t *x, EDGEC_ARGUMENT int8_t *y,             \
                                        EDGEC_ARGUMENT int32_t count, EDGEC_ARGUMENT int32_t step)            \
  {                                                                                                           \
    EDGEC_MVE_LINE(index, shift, move);                                                                \
  }                                                                                                           \
                                                                                                              \
  EDGEC_FUNCTION void edgec_##name(const edgec_transpose_mve *op, const void *x, void *y)                     \
  {                                                                                                           \
    const int8_t *from = (const int8_t *)x;                                                                   \
    int8_t *to = (int8_t *)y;                                                                                 \
    for (int32_t line = 0; line < op->lines; ++line, from += op->x_line, to += op->y_line) {                  \
      edgec_line_##name(from, to, op->count, op->step);                                                       \
    }                                                                                                         \
  }

#define EDGEC_MVE_SCATTERED(load, store, bytes) load " q0, [r0], #" bytes "\n" store " q0, [r1, q1]\n" "add r1, r3\n"
#define EDGEC_MVE_GATHERED(load, store, bytes) load " q0, [r0, q1]\n" store " q0, [r1], #" bytes "\n" "add r0, r3\n"

EDGEC_LINES_MVE(scatter_mve_8, "8", "4", EDGEC_MVE_SCATTERED("vldrb.8", "vstrb.8", "16"))
EDGEC_LINES_MVE(scatter_mve_8_far, "16", "3", EDGEC_MVE_SCATTERED("vldrb.u16", "vstrb.16", "8"))
EDGEC_LINES_MVE(scatter_mve_16, "16", "3", EDGEC_MVE_SCATTERED("vldrh.16", "vstrh.16", "16"))
EDGEC_LINES_MVE(scatter_mve_32, "32", "2", EDGEC_MVE_SCATTERED("vldrw.32", "vstrw.32", "16"))
EDGEC_LINES_MVE(gather_mve_8, "8", "4", EDGEC_MVE_GATHERED("vldrb.u8", "vstrb.8", "16"))
EDGEC_LINES_MVE(gather_mve_8_far, "16", "3", EDGEC_MVE_GATHERED("vldrb.u16", "vstrb.16", "8"))
EDGEC_LINES_MVE(gather_mve_16, "16", "3", EDGEC_MVE_GATHERED("vldrh.u16", "vstrh.16", "16"))
EDGEC_LINES_MVE(gather_mve_32, "32", "2", EDGEC_MVE_GATHERED("vldrw.u32", "vstrw.32", "16"))

#endif
