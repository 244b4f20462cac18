/* Depthwise 2-D convolution of bytes, or of halfwords by bytes, by any window with the vectors of Armv8.1-M, 8 channels at a time.

   The rows of input that a row of output sees are copied with their padding, so that all windows are alike. */
#ifndef EDGEC_DEPTHWISE_CHANNELS_MVE_H
#define EDGEC_DEPTHWISE_CHANNELS_MVE_H

#include "edgec/block16_mve.h"
#include "edgec/strips.h"

/* Of each 8 channels the stream has their biases, 8 weights for each tap, multipliers and 31 - shift (block_mve.h): of those
   that are words first the even channels', then the odd ones'. */
typedef struct {
  const uint32_t *stream;
  int32_t group; /* words of 8 channels */
  int32_t channels;
  int32_t zero_point;
  int32_t kernel_rows;
  int32_t kernel_width;
  int32_t pixel;  /* bytes from one window to the next */
  int32_t column; /* from one column of the window to the next */
  int32_t skip;   /* from behind the window's last column to its next row */
  int32_t out_width; /* 2 or more */
  int32_t chunk;     /* channels at a time, whose rows fit scratch: all, or a multiple of 8 */
  int32_t first;     /* columns of a row that are taken, with padding around them */
  int32_t count;
  int32_t before;
  int32_t row;      /* bytes of a row with its padding */
  int32_t dilation; /* vertical */
  int32_t x_zero;   /* what bytes of padding are */
  int32_t low;      /* clamp of the code */
  int32_t high;
} edgec_depthwise_channels_mve;

/* A tap of a pixel (x) by 8 weights (q4): its even and its odd channels. */
#define EDGEC_MVE_TAP(load, x, even, odd) \
  load " q5, [" x "]\n"                   \
  "add " x ", r8\n"                       \
  "vmullb.s16 q6, q5, q4\n"               \
  "vadd.i32 " even ", " even ", q6\n"     \
  "vmullt.s16 q6, q5, q4\n"               \
  "vadd.i32 " odd ", " odd ", q6\n"

/* Two neighbours, `pixel` bytes apart at x, by `channels` channels. 14 instructions a tap, which is 16 products. `size`: of 8
   elements; `shift`: log2 of an element's. `narrow` makes codes of halfwords.
   r0 zero point, r2 and r7 y, r4 and r5 x, r6 stream, r8 from one column to the next, r9 rows that are left, r10 columns,
   r11 from the last one to the next row, r12 rows; on the stack from one x to the other */
#define EDGEC_MVE_CHANNELS_2X8(load, size, shift, narrow, store) \
  __asm__("push {r4-r11, lr}\n"                                  \
          "vpush {d8-d13}\n"                                     \
          "sub sp, #4\n"                                         \
          "ldr r6, [sp, #88]\n"                                  \
          "ldr r7, [r0, #8]\n"                                   \
          "add r7, r2, r7, lsl #" shift "\n"                     \
          "ldr r4, [r0, #24]\n"                                  \
          "str r4, [sp]\n"                                       \
          "ldrd r12, r10, [r0, #16]\n"                           \
          "ldrd r8, r11, [r0, #28]\n"                            \
          "ldr r0, [r0, #12]\n"                                  \
          "1:\n"                                                 \
          "ldr r5, [sp]\n"                                       \
          "mov r4, r1\n"                                         \
          "add r5, r1\n"                                         \
          "adds r1, #" size "\n"                                 \
          "mov r9, r12\n"                                        \
          "vldrw.32 q0, [r6], #32\n"                             \
          "vldrw.32 q1, [r6, #-16]\n"                            \
          "vmov q2, q0\n"                                        \
          "vmov q3, q1\n"                                        \
          "2:\n"                                                 \
          "dls lr, r10\n"                                        \
          "3:\n"                                                 \
          "vldrb.s16 q4, [r6], #8\n"                             \
          EDGEC_MVE_TAP(load, "r4", "q0", "q1")                  \
          EDGEC_MVE_TAP(load, "r5", "q2", "q3")                  \
          "le lr, 3b\n"                                          \
          "add r4, r11\n"                                        \
          "add r5, r11\n"                                        \
          "subs r9, r9, #1\n"                                    \
          "bne 2b\n"                                             \
          "vldrw.32 q4, [r6], #64\n"                             \
          "vqdmulh.s32 q0, q0, q4\n"                             \
          "vldrw.32 q5, [r6, #-48]\n"                            \
          "vqdmulh.s32 q2, q2, q4\n"                             \
          "vldrw.32 q6, [r6, #-32]\n"                            \
          "vqdmulh.s32 q1, q1, q5\n"                             \
          "vrshl.s32 q0, q0, q6\n"                               \
          "vqdmulh.s32 q3, q3, q5\n"                             \
          "vrshl.s32 q2, q2, q6\n"                               \
          "vldrw.32 q4, [r6, #-16]\n"                            \
          "vrshl.s32 q1, q1, q4\n"                               \
          "vqmovnb.s32 q0, q0\n"                                 \
          "vrshl.s32 q3, q3, q4\n"                               \
          "vqmovnb.s32 q2, q2\n"                                 \
          "vqmovnt.s32 q0, q1\n"                                 \
          "vqmovnt.s32 q2, q3\n"                                 \
          "vqadd.s16 q0, q0, r0\n"                               \
          "vqadd.s16 q2, q2, r0\n"                               \
          narrow("q0")                                           \
          "vctp.16 r3\n"                                         \
          narrow("q2")                                           \
          "vpstt\n"                                              \
          store " q0, [r2], #" size "\n"                         \
          store " q2, [r7], #" size "\n"                         \
          "subs r3, r3, #8\n"                                    \
          "bgt 1b\n"                                             \
          "add sp, #4\n"                                         \
          "vpop {d8-d13}\n"                                      \
          "pop {r4-r11, pc}\n")

#define EDGEC_MVE_TO_BYTES(q) "vqmovnb.s16 " q ", " q "\n"
#define EDGEC_MVE_AS_THEY_ARE(q)

EDGEC_ASSEMBLY void edgec_channels_mve_i8(EDGEC_ARGUMENT const edgec_depthwise_channels_mve *op,
                                          EDGEC_ARGUMENT const int8_t *x, EDGEC_ARGUMENT int8_t *y,
                                          EDGEC_ARGUMENT int32_t channels, EDGEC_ARGUMENT const uint32_t *stream)
{
  EDGEC_MVE_CHANNELS_2X8("vldrb.s16", "8", "0", EDGEC_MVE_TO_BYTES, "vstrbt.16");
}

EDGEC_ASSEMBLY void edgec_channels_mve_i16(EDGEC_ARGUMENT const edgec_depthwise_channels_mve *op,
                                           EDGEC_ARGUMENT const int8_t *x, EDGEC_ARGUMENT int16_t *y,
                                           EDGEC_ARGUMENT int32_t channels, EDGEC_ARGUMENT const uint32_t *stream)
{
  EDGEC_MVE_CHANNELS_2X8("vldrh.16", "16", "1", EDGEC_MVE_AS_THEY_ARE, "vstrht.16");
}

/* One row of output from pointers to all rows of input that its windows span (NULL: a row of padding). scratch: rows with their
   padding, and 7 elements more. */
#define EDGEC_DEPTHWISE_CHANNELS_MVE(suffix, type, clamp)                                                      \
  EDGEC_FUNCTION void edgec_depthwise_channels_mve_##suffix(const edgec_depthwise_channels_mve *op,            \
                                                            const int8_t *const *rows, type *y, void *scratch) \
  {                                                                                                            \
    const int32_t size = (int32_t)sizeof(type);                                                                \
    int8_t *const x = (int8_t *)scratch;                                                                       \
    const uint32_t *stream = op->stream;                                                                       \
    for (int32_t first = 0; first < op->channels; first += op->chunk) {                                        \
      const int32_t left = op->channels - first;                                                               \
      const int32_t channels = left < op->chunk ? left : op->chunk;                                            \
      const int32_t pixel = op->channels * size;                                                               \
      edgec_fill_mve(x, op->x_zero, op->kernel_rows * op->row);                                                \
      for (int32_t ky = 0; ky < op->kernel_rows && op->count > 0; ++ky) {                                      \
        const int8_t *const row = rows[ky * op->dilation];                                                     \
        const int32_t from = op->first * pixel + first * size;                                                 \
        int8_t *const to = x + (ky * op->row + op->before * op->chunk * size);                                 \
        if (row != NULL && channels == op->channels) {                                                         \
          edgec_copy_mve(to, row + from, op->count * pixel);                                                   \
        } else if (row != NULL) {                                                                              \
          edgec_copy_columns_mve(to, row + from, channels * size, op->count, op->chunk * size, pixel);         \
        }                                                                                                      \
      }                                                                                                        \
      for (int32_t next = 0; next < op->out_width; next += 2) {                                                \
        const int32_t p = next < op->out_width - 2 ? next : op->out_width - 2;                                 \
        edgec_channels_mve_##suffix(op, x + p * op->pixel, y + (p * op->channels + first), channels, stream);  \
      }                                                                                                        \
      stream += op->group * ((channels + 7) / 8);                                                              \
    }                                                                                                          \
    clamp(op->low, op->high, y, op->out_width * op->channels);                                                 \
  }

EDGEC_DEPTHWISE_CHANNELS_MVE(i8, int8_t, edgec_clamp_mve)
EDGEC_DEPTHWISE_CHANNELS_MVE(i16, int16_t, edgec_clamp16_mve)

#endif
