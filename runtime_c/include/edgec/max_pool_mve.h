/* Max pooling of bytes and halfwords with the vectors of Armv8.1-M. */
#ifndef EDGEC_MAX_POOL_MVE_H
#define EDGEC_MAX_POOL_MVE_H

#include "edgec/assembly.h"
#include "edgec/pool.h"

/* `count` neighbours whose windows have the same `taps` columns inside of the rows, one or more, the first one `column` bytes
   from their begin. Five instructions for 16 bytes of a tap. `shift`: log2 of an element's bytes. */
#define EDGEC_MVE_MAXIMA(type, lowest, shift)                            \
  __asm__("push {r4-r11, lr}\n"                                          \
          "ldrd r4, r5, [sp, #36]\n" /* y, count */                      \
          "ldr r6, [r0, #4]\n" /* bytes of a pixel */                    \
          "lsl r6, r6, #" shift "\n"                                     \
          "ldr r7, [r0, #12]\n" /* kernel_rows */                        \
          "ldrd r8, r9, [r0, #20]\n" /* stride, dilation */              \
          "add r7, r1, r7, lsl #2\n"                                     \
          "mul r8, r8, r6\n"                                             \
          "mul r9, r9, r6\n"                                             \
          "1:\n" /* a pixel: r2 column, r4 y */                          \
          "mov r10, r2\n"                                                \
          "dlstp.8 lr, r6\n"                                             \
          "2:\n" /* 16 bytes of a pixel: r10 their column */             \
          "vmov." lowest "\n"                                            \
          "mov r11, r1\n"                                                \
          "3:\n" /* a row */                                             \
          "ldr r0, [r11], #4\n"                                          \
          "cbz r0, 5f\n"                                                 \
          "add r0, r10\n"                                                \
          "mov r12, r3\n"                                                \
          "4:\n"                                                         \
          "vldrb.8 q1, [r0]\n"                                           \
          "vmax." type " q0, q0, q1\n"                                   \
          "add r0, r9\n"                                                 \
          "subs r12, r12, #1\n"                                          \
          "bne 4b\n"                                                     \
          "5:\n"                                                         \
          "cmp r11, r7\n"                                                \
          "bne 3b\n"                                                     \
          "vstrb.8 q0, [r4], #16\n"                                      \
          "add r10, #16\n"                                               \
          "letp lr, 2b\n"                                                \
          "rsb r0, r6, #0\n" /* the last vector went beyond the pixel */ \
          "and r0, r0, #15\n"                                            \
          "sub r4, r0\n"                                                 \
          "add r2, r8\n"                                                 \
          "subs r5, r5, #1\n"                                            \
          "bne 1b\n"                                                     \
          "pop {r4-r11, pc}\n")

EDGEC_ASSEMBLY void edgec_maxima_mve_i8(EDGEC_ARGUMENT const edgec_pool *op, EDGEC_ARGUMENT const int8_t *const *rows,
                                        EDGEC_ARGUMENT int32_t column, EDGEC_ARGUMENT int32_t taps,
                                        EDGEC_ARGUMENT int8_t *y, EDGEC_ARGUMENT int32_t count)
{
  EDGEC_MVE_MAXIMA("s8", "i8 q0, #0x80", "0");
}

EDGEC_ASSEMBLY void edgec_maxima_mve_u8(EDGEC_ARGUMENT const edgec_pool *op, EDGEC_ARGUMENT const uint8_t *const *rows,
                                        EDGEC_ARGUMENT int32_t column, EDGEC_ARGUMENT int32_t taps,
                                        EDGEC_ARGUMENT uint8_t *y, EDGEC_ARGUMENT int32_t count)
{
  EDGEC_MVE_MAXIMA("u8", "i8 q0, #0", "0");
}

EDGEC_ASSEMBLY void edgec_maxima_mve_i16(EDGEC_ARGUMENT const edgec_pool *op, EDGEC_ARGUMENT const int16_t *const *rows,
                                         EDGEC_ARGUMENT int32_t column, EDGEC_ARGUMENT int32_t taps,
                                         EDGEC_ARGUMENT int16_t *y, EDGEC_ARGUMENT int32_t count)
{
  EDGEC_MVE_MAXIMA("s16", "i16 q0, #0x8000", "1");
}

/* One row of output from kernel_rows pointers to rows of input (NULL: a row of padding). */
#define EDGEC_MAX_POOL_MVE(suffix, type, lowest)                                                            \
  EDGEC_FUNCTION void edgec_max_pool_mve_##suffix(const edgec_pool *op, const type *const *rows, type *y)   \
  {                                                                                                         \
    const int32_t span = (op->kernel_width - 1) * op->dilation + 1;                                         \
    const int32_t inner_begin = edgec_inner_begin(op->stride, op->pad_left);                                \
    const int32_t inner_end = edgec_inner_end(op->stride, op->pad_left, span, op->in_width, op->out_width); \
    int32_t count = 1;                                                                                      \
    for (int32_t x = 0; x < op->out_width; x += count, y += count * op->channels) {                         \
      const int32_t x0 = x * op->stride - op->pad_left;                                                     \
      const int32_t first = edgec_taps_begin(x0, op->dilation);                                             \
      const int32_t end = edgec_taps_end(x0, op->dilation, op->kernel_width, op->in_width);                 \
      const int32_t column = (x0 + first * op->dilation) * op->channels * (int32_t)sizeof(type);            \
      count = x >= inner_begin && x < inner_end ? inner_end - x : 1;                                        \
      if (first < end) {                                                                                    \
        edgec_maxima_mve_##suffix(op, rows, column, end - first, y, count);                                 \
      } else {                                                                                              \
        for (int32_t c = 0; c < op->channels; ++c) {                                                        \
          y[c] = lowest;                                                                                    \
        }                                                                                                   \
      }                                                                                                     \
    }                                                                                                       \
  }

EDGEC_MAX_POOL_MVE(i8, int8_t, INT8_MIN)
EDGEC_MAX_POOL_MVE(u8, uint8_t, 0)
EDGEC_MAX_POOL_MVE(i16, int16_t, INT16_MIN)

#endif
