/* Depthwise 2-D convolution of bytes by a window of 4x4 taps at most with the vectors of Armv8.1-M.

   Rows are interleaved once: of each element the bytes of four rows make a word. So a gather of four words, the columns of a
   window, is all that VMLADAV needs for a pixel of a channel. */
#ifndef EDGEC_DEPTHWISE_MVE_H
#define EDGEC_DEPTHWISE_MVE_H

#include "edgec/block_mve.h"
#include "edgec/strips.h"

/* One layer. Groups of 4 channels are as block_mve.h has them, a step being a window: its columns, of which each has the
   weights of four rows. */
typedef struct {
  const uint32_t *stream;
  int32_t channels; /* 4 or more */
  int32_t zero_point;
  int32_t column; /* bytes from one column of the window to the next */
  int32_t pixel;  /* from one window to the next */
  int32_t out_row; /* from one row of output to the next */
  int32_t out_width;
  int32_t chunk; /* channels at a time, whose interleaved rows fit scratch: all, or a multiple of 16 */
  int32_t kernel_rows;
  int32_t first; /* columns of a row that are taken, with padding around them */
  int32_t count;
  int32_t before;
  int32_t behind;
  int32_t dilation; /* vertical */
  int32_t x_zero;   /* what padding holds */
  int32_t low;      /* clamp of the code */
  int32_t high;
} edgec_depthwise_mve;

/* Where rows are read, and how far their next run is behind the last vector of one. */
typedef struct {
  const int8_t *x[4];
  int32_t skip[4];
} edgec_lines_mve;

/* Interleave `runs` runs of four rows, of `count` elements each, `pitch` bytes from one to the next. Writes whole vectors. */
EDGEC_ASSEMBLY void edgec_interleave_mve(EDGEC_ARGUMENT const edgec_lines_mve *lines, EDGEC_ARGUMENT int8_t *to,
                                         EDGEC_ARGUMENT int32_t count, EDGEC_ARGUMENT int32_t runs,
                                         EDGEC_ARGUMENT int32_t pitch)
{
  __asm__("push {r4-r11, lr}\n"
          "ldm r0, {r4-r11}\n"
          "1:\n"
          "lsrs r0, r2, #4\n"
          "mov r12, r1\n"
          "beq 3f\n"
          "dls lr, r0\n"
          "2:\n"
          "vldrb.8 q0, [r4], #16\n"
          "vldrb.8 q1, [r5], #16\n"
          "vldrb.8 q2, [r6], #16\n"
          "vldrb.8 q3, [r7], #16\n"
          "vst40.8 {q0, q1, q2, q3}, [r12]\n"
          "vst41.8 {q0, q1, q2, q3}, [r12]\n"
          "vst42.8 {q0, q1, q2, q3}, [r12]\n"
          "vst43.8 {q0, q1, q2, q3}, [r12]!\n"
          "le lr, 2b\n"
          "3:\n"
          "ands r0, r2, #15\n"
          "beq 4f\n"
          "vctp.8 r0\n"
          "vpstttt\n"
          "vldrbt.8 q0, [r4], #16\n"
          "vldrbt.8 q1, [r5], #16\n"
          "vldrbt.8 q2, [r6], #16\n"
          "vldrbt.8 q3, [r7], #16\n"
          "vst40.8 {q0, q1, q2, q3}, [r12]\n"
          "vst41.8 {q0, q1, q2, q3}, [r12]\n"
          "vst42.8 {q0, q1, q2, q3}, [r12]\n"
          "vst43.8 {q0, q1, q2, q3}, [r12]\n"
          "4:\n"
          "ldr r0, [sp, #36]\n"
          "add r4, r8\n"
          "add r5, r9\n"
          "add r6, r10\n"
          "add r7, r11\n"
          "add r1, r0\n"
          "subs r3, r3, #1\n"
          "bne 1b\n"
          "pop {r4-r11, pc}\n");
}

/* A channel of two pixels, by a vector of weights each. */
#define EDGEC_MVE_CHANNEL(a, b, second) \
  "vldrw.u32 q0, [q4, #4]!\n"           \
  "vldrw.32 q2, [r9], #16\n"            \
  "vmladav.s8 " a ", q0, q2\n"          \
  second("vmladav.s8 " b)

/* The neighbour is gathered, too. */
#define EDGEC_MVE_NEIGHBOUR(mla) \
  "vldrw.u32 q1, [q5, #4]!\n"    \
  mla ", q1, q2\n"

/* The pixel below sees the same words, of which the weights of its rows are a byte further up. */
#define EDGEC_MVE_BELOW(mla)  \
  "vshl.i32 q3, q2, #8\n"     \
  mla ", q0, q3\n"

/* Groups of channels from `begin` to `end` of `count` pixels of a row, and of as many others: `apart` is the field that says
   how far they are from these in y. 20 instructions for 8 windows. */
#define EDGEC_MVE_WINDOWS(second, apart, advance)                                                                   \
  __asm__("push {r4-r11, lr}\n"                                                                                     \
          "vpush {d8-d15}\n"                                                                                        \
          "sub sp, #16\n" /* y, count, begin, op */                                                                 \
          "ldrd r4, r5, [r0, #8]\n" /* zero_point, column */                                                        \
          "vdup.16 q6, r4\n"                                                                                        \
          "movs r4, #0\n"                                                                                           \
          "vidup.u32 q7, r4, #1\n"                                                                                  \
          "vmul.i32 q7, q7, r5\n"                                                                                   \
          "ldrd r11, r5, [sp, #116]\n" /* end, count */                                                             \
          "strd r2, r5, [sp]\n"                                                                                     \
          "strd r3, r0, [sp, #8]\n"                                                                                 \
          "subs r1, r1, #4\n"                                                                                       \
          "1:\n" /* r0 op, r1 x, r2 y */                                                                            \
          "ldr r4, [r0, #16]\n"                                                                                     \
          "ldr r5, [r0, #" apart "]\n"                                                                              \
          "vadd.i32 q4, q7, r1\n"                                                                                   \
          "add r4, r1\n"                                                                                            \
          "mov r7, r2\n"                                                                                            \
          "vadd.i32 q5, q7, r4\n"                                                                                   \
          "add r5, r2\n"                                                                                            \
          "ldr r9, [sp, #8]\n"                                                                                      \
          "2:\n" /* a group: q4, q5 x, r9 stream, r11 its end, r7, r5 y */                                          \
          EDGEC_MVE_CHANNEL("r0", "r8", second)                                                                     \
          EDGEC_MVE_CHANNEL("r2", "r10", second)                                                                    \
          EDGEC_MVE_CHANNEL("r4", "r12", second)                                                                    \
          EDGEC_MVE_CHANNEL("r6", "lr", second)                                                                     \
          EDGEC_MVE_CODES("q6")                                                                                     \
          "cmp r9, r11\n"                                                                                           \
          "bne 2b\n"                                                                                                \
          "ldrd r2, r3, [sp]\n"                                                                                     \
          "ldr r0, [sp, #12]\n"                                                                                     \
          "ldr r4, [r0, #4]\n"                                                                                      \
          "ldr r6, [r0, #16]\n"                                                                                     \
          advance                                                                                                   \
          "strd r2, r3, [sp]\n"                                                                                     \
          "b 1b\n"                                                                                                  \
          "8:\n"                                                                                                    \
          "add sp, #16\n"                                                                                           \
          "vpop {d8-d15}\n"                                                                                         \
          "pop {r4-r11, pc}\n")

/* Two neighbours at a time, of 2 or more; the last two are the last ones. */
EDGEC_ASSEMBLY void edgec_windows_mve(EDGEC_ARGUMENT const edgec_depthwise_mve *op, EDGEC_ARGUMENT const int8_t *x,
                                      EDGEC_ARGUMENT int8_t *y, EDGEC_ARGUMENT const uint32_t *begin,
                                      EDGEC_ARGUMENT const uint32_t *end, EDGEC_ARGUMENT int32_t count)
{
  EDGEC_MVE_WINDOWS(EDGEC_MVE_NEIGHBOUR, "4",
                    "subs r3, r3, #2\n"
                    "beq 8f\n"
                    "add r1, r6\n"
                    "add r2, r4\n"
                    "cmp r3, #1\n"
                    "itte ne\n"
                    "addne r1, r6\n"
                    "addne r2, r4\n"
                    "moveq r3, #2\n");
}

/* A pixel and the one below it, by windows of 3 rows at most. */
EDGEC_ASSEMBLY void edgec_windows_below_mve(EDGEC_ARGUMENT const edgec_depthwise_mve *op, EDGEC_ARGUMENT const int8_t *x,
                                            EDGEC_ARGUMENT int8_t *y, EDGEC_ARGUMENT const uint32_t *begin,
                                            EDGEC_ARGUMENT const uint32_t *end, EDGEC_ARGUMENT int32_t count)
{
  EDGEC_MVE_WINDOWS(EDGEC_MVE_BELOW, "20",
                    "subs r3, r3, #1\n"
                    "beq 8f\n"
                    "add r1, r6\n"
                    "add r2, r4\n");
}

/* `channels` channels from `first` on of four rows of input (NULL: padding), with their padding. `padding`: as much of a
   row. */
EDGEC_FUNCTION void edgec_interleave_rows_mve(const edgec_depthwise_mve *op, const int8_t *const *rows, int32_t reach,
                                              int32_t first, int32_t channels, const int8_t *padding, int8_t *to)
{
  const int32_t pitch = op->chunk * 4;
  const int32_t whole = (channels + 15) / 16 * 16;
  edgec_lines_mve lines;
  int32_t inside = 0;
  for (int32_t i = 0; i < 4; ++i) {
    const int8_t *const row = rows[(i < reach ? i : reach - 1) * op->dilation];
    lines.x[i] = row == NULL ? padding : row + (op->first * op->channels + first);
    lines.skip[i] = row == NULL ? -whole : op->channels - whole;
    inside += row != NULL;
  }
  edgec_fill_mve(to, op->x_zero, op->before * pitch);
  if (op->count > 0 && inside == 4 && channels == op->channels) {
    edgec_interleave_mve(&lines, to + op->before * pitch, op->count * channels, 1, 0);
  } else if (op->count > 0) {
    edgec_interleave_mve(&lines, to + op->before * pitch, channels, op->count, pitch);
  }
  edgec_fill_mve(to + (op->before + op->count) * pitch, op->x_zero, op->behind * pitch);
}

/* Rows of output from pointers to all rows of input that their windows span: one of 2 pixels or more, or two (below). scratch:
   interleaved rows and 60 bytes more, then as much padding as has the elements of a column. */
#define EDGEC_DEPTHWISE_MVE(name, windows, taps)                                                                    \
  EDGEC_FUNCTION void name(const edgec_depthwise_mve *op, const int8_t *const *rows, int8_t *y, void *scratch)      \
  {                                                                                                                 \
    int8_t *const x = (int8_t *)scratch;                                                                            \
    int8_t *const padding = x + ((op->before + op->count + op->behind) * op->chunk * 4 + 60);                       \
    const uint32_t *begin = op->stream;                                                                             \
    edgec_fill_mve(padding, op->x_zero, op->chunk);                                                                 \
    for (int32_t first = 0; first < op->channels; first += op->chunk) {                                             \
      const int32_t left = op->channels - first;                                                                    \
      const int32_t channels = left < op->chunk ? left : op->chunk;                                                 \
      const uint32_t *const end = begin + (channels + 3) / 4 * 28;                                                  \
      const int32_t over = channels % 4;                                                                            \
      edgec_interleave_rows_mve(op, rows, taps, first, channels, padding, x);                                       \
      if (over > 0) {                                                                                               \
        windows(op, x, y + first, begin, begin + 28, op->out_width);                                                \
        begin += 28;                                                                                                \
      }                                                                                                             \
      windows(op, x + over * 4, y + first + over, begin, end, op->out_width);                                       \
      begin = end;                                                                                                  \
    }                                                                                                               \
  }

EDGEC_DEPTHWISE_MVE(edgec_depthwise_row_mve, edgec_windows_mve, op->kernel_rows)
EDGEC_DEPTHWISE_MVE(edgec_depthwise_rows_mve, edgec_windows_below_mve, op->kernel_rows + 1)

EDGEC_BLOCK_KERNEL void edgec_depthwise_mve_i8(const edgec_depthwise_mve *op, const int8_t *const *rows, int8_t *y,
                                           void *scratch)
{
  edgec_depthwise_row_mve(op, rows, y, scratch);
  edgec_clamp_mve(op->low, op->high, y, op->out_row);
}

/* Two rows. */
EDGEC_BLOCK_KERNEL void edgec_depthwise_below_mve_i8(const edgec_depthwise_mve *op, const int8_t *const *rows, int8_t *y,
                                                 void *scratch)
{
  edgec_depthwise_rows_mve(op, rows, y, scratch);
  edgec_clamp_mve(op->low, op->high, y, 2 * op->out_row);
}

#endif
