/* Pooling of bytes with the DSP extension: four channels of a pixel at a time, over the taps of its window. */
#ifndef EDGEC_POOL_DSP_H
#define EDGEC_POOL_DSP_H

#include "edgec/average_pool.h"
#include "edgec/block_dsp.h"

/* Pixels whose windows have as many taps. A sum of 16 bits, which starts at `first`, in both halfwords, becomes a code by
   SMLAW, ASR, SSAT: sum * multiplier without its lower 16 bits, plus begin, shifted by shift - 16. */
typedef struct {
  int32_t first;
  int32_t multiplier;
  int32_t begin;
  int32_t shift;
  int32_t taps;
  int32_t channels; /* at least 4; where they are no multiple of 4 the last four are the last 4 */
  int32_t gap;      /* bytes from the end of a pixel's channels to those of the next window */
} edgec_pooled_dsp;

/* `pixels` from y on; `taps`: where those of the first one's window are. r6 and r7 begin by `start`, take a word by
   `take`, which may use r9, and become that of y in r6 by `end`, which has r0: op and may use r8-r11. */
#define EDGEC_DSP_POOL(name, start, take, end)                                                                   \
  EDGEC_ASSEMBLY void edgec_##name##_dsp(EDGEC_ARGUMENT const edgec_pooled_dsp *op,                              \
                                         EDGEC_ARGUMENT const int8_t *const *taps, EDGEC_ARGUMENT int8_t *y,     \
                                         EDGEC_ARGUMENT int32_t pixels)                                          \
  {                                                                                                              \
    __asm__("push {r3-r11, lr}\n" /* sp: pixels */                                                               \
            "ldrd r3, r4, [r0, #16]\n"                                                                           \
            "sub r4, r4, #4\n"                                                                                   \
            "mov r5, #0\n"                                                                                       \
            "1:\n"                                                                                               \
            "mov lr, r4\n" /* channels left behind these */                                                      \
            "2:\n"                                                                                               \
            start                                                                                                \
            "mov r8, r1\n"                                                                                       \
            "lsrs r10, r3, #1\n"                                                                                 \
            "bcs 6f\n"                                                                                           \
            "beq 4f\n"                                                                                           \
            "3:\n"                                                                                               \
            "ldrd r11, r12, [r8], #8\n"                                                                          \
            "ldr r11, [r11, r5]\n"                                                                               \
            "ldr r12, [r12, r5]\n"                                                                               \
            take("r11")                                                                                          \
            take("r12")                                                                                          \
            "subs r10, r10, #1\n"                                                                                \
            "bne 3b\n"                                                                                           \
            "4:\n"                                                                                               \
            end                                                                                                  \
            "str r6, [r2], #4\n"                                                                                 \
            "add r5, r5, #4\n"                                                                                   \
            "subs lr, lr, #4\n"                                                                                  \
            "bge 2b\n"                                                                                           \
            "cmp lr, #-4\n"                                                                                      \
            "beq 5f\n"                                                                                           \
            "add r5, r5, lr\n" /* the last 4 */                                                                  \
            "add r2, r2, lr\n"                                                                                   \
            "mov lr, #0\n"                                                                                       \
            "b 2b\n"                                                                                             \
            "5:\n"                                                                                               \
            "ldr r6, [r0, #24]\n"                                                                                \
            "ldr r7, [sp]\n"                                                                                     \
            "add r5, r5, r6\n"                                                                                   \
            "subs r7, r7, #1\n"                                                                                  \
            "str r7, [sp]\n"                                                                                     \
            "bne 1b\n"                                                                                           \
            "pop {r3-r11, pc}\n"                                                                                 \
            "6:\n"                                                                                               \
            "ldr r11, [r8], #4\n"                                                                                \
            "ldr r11, [r11, r5]\n"                                                                               \
            take("r11")                                                                                          \
            "cmp r10, #0\n"                                                                                      \
            "bne 3b\n"                                                                                           \
            "b 4b\n");                                                                                           \
  }

#define EDGEC_DSP_MAXIMUM(word) \
  "ssub8 r9, r6, " word "\n"    \
  "sel r6, r6, " word "\n"
#define EDGEC_DSP_SUM(word)                \
  "sxtab16 r6, r6, " word "\n"             \
  "sxtab16 r7, r7, " word ", ror #8\n"

EDGEC_DSP_POOL(maxima, "mov r6, #0x80808080\n", EDGEC_DSP_MAXIMUM, "")

/* Halfwords hold the sum of 254 bytes: of channels 0 and 2, 1 and 3. */
/* Halfwords hold the sums of 128 bytes less a zero point: of channels 0 and 2, 1 and 3. */
EDGEC_DSP_POOL(means_of,
               "ldr r6, [r0]\n"
               "mov r7, r6\n",
               EDGEC_DSP_SUM,
               "ldrd r8, r10, [r0, #4]\n"
               "ldr r11, [r0, #12]\n"
               "smlawb r12, r8, r6, r10\n"
               "smlawb r9, r8, r7, r10\n"
               "smlawt r6, r8, r6, r10\n"
               "smlawt r7, r8, r7, r10\n"
               "asr r12, r12, r11\n"
               "asr r9, r9, r11\n"
               "asr r6, r6, r11\n"
               "asr r7, r7, r11\n"
               "ssat r12, #8, r12\n"
               "ssat r9, #8, r9\n"
               "ssat r6, #8, r6\n"
               "ssat r7, #8, r7\n"
               "bfi r12, r9, #8, #8\n"
               "bfi r6, r7, #8, #8\n"
               "pkhbt r6, r12, r6, lsl #16\n")

/* How many pixels from x on have windows of the same taps: of those that are inside all, else one. */
EDGEC_INLINE int32_t edgec_pool_run_dsp(const edgec_pool *op, int32_t x)
{
  const int32_t span = (op->kernel_width - 1) * op->dilation + 1;
  const int32_t end = edgec_inner_end(op->stride, op->pad_left, span, op->in_width, op->out_width);
  return x >= edgec_inner_begin(op->stride, op->pad_left) && x < end ? end - x : 1;
}

/* The taps inside of the window of pixel x; returns how many. */
EDGEC_INLINE int32_t edgec_pool_taps_dsp(const edgec_pool *op, const int8_t *const *rows, int32_t x, const int8_t **taps)
{
  const int32_t x0 = x * op->stride - op->pad_left;
  const int32_t begin = edgec_taps_begin(x0, op->dilation);
  const int32_t end = edgec_taps_end(x0, op->dilation, op->kernel_width, op->in_width);
  int32_t count = 0;
  for (int32_t row = 0; row < op->kernel_rows; ++row) {
    for (int32_t kx = begin; rows[row] != NULL && kx < end; ++kx) {
      taps[count++] = rows[row] + (ptrdiff_t)(x0 + kx * op->dilation) * op->channels;
    }
  }
  return count;
}

/* y = max(a, b) of `count` bytes, at least 4: windows of two taps are many in 1-D. */
EDGEC_ASSEMBLY void edgec_max_bytes_dsp(EDGEC_ARGUMENT const int8_t *a, EDGEC_ARGUMENT const int8_t *b,
                                        EDGEC_ARGUMENT int8_t *y, EDGEC_ARGUMENT int32_t count)
{
  __asm__("push {r4, r5, lr}\n"
          "lsr r12, r3, #2\n"
          "1:\n"
          "ldr r4, [r0], #4\n"
          "ldr r5, [r1], #4\n"
          "ssub8 lr, r4, r5\n" /* GE: a >= b */
          "sel r4, r4, r5\n"
          "str r4, [r2], #4\n"
          "subs r12, r12, #1\n"
          "bne 1b\n"
          "ands r3, r3, #3\n"
          "beq 2f\n"
          "subs r3, r3, #4\n" /* the last 4 */
          "add r0, r3\n"
          "add r1, r3\n"
          "add r2, r3\n"
          "movs r3, #0\n"
          "mov r12, #1\n"
          "b 1b\n"
          "2:\n"
          "pop {r4, r5, pc}\n");
}

/* One row of output from kernel_rows pointers to rows of input (NULL: a row of padding), of 4 channels or more. scratch: a
   pointer for each tap. */
EDGEC_BLOCK_KERNEL void edgec_max_pool_dsp_i8(const edgec_pool *op, const int8_t *const *rows, int8_t *y, void *scratch)
{
  const int8_t **const taps = (const int8_t **)scratch;
  edgec_pooled_dsp pooled = {0, 0, 0, 0, 0, op->channels, (op->stride - 1) * op->channels};
  for (int32_t x = 0, run; x < op->out_width; x += run, y += run * op->channels) {
    run = edgec_pool_run_dsp(op, x);
    pooled.taps = edgec_pool_taps_dsp(op, rows, x, taps);
    if (pooled.taps == 2) {
      for (int32_t i = 0, at = 0; i < run; ++i, at += op->stride * op->channels) {
        edgec_max_bytes_dsp(taps[0] + at, taps[1] + at, y + i * op->channels, op->channels);
      }
    } else {
      edgec_maxima_dsp(&pooled, taps, y, run);
    }
  }
}

/* How means become codes, by the number of elements that count; `uniform`: the first ones are those of all windows. */
typedef struct {
  const int32_t *multiplier;
  const int32_t *begin;
  const int32_t *shift;
  int32_t uniform;
  int32_t x_zero;
  int32_t low; /* clamp of the code */
  int32_t high;
} edgec_means_dsp;

/* The same with means, of 128 taps at most; counted_left .. counted_rows are those of average_pool.h. */
EDGEC_BLOCK_KERNEL void edgec_average_pool_dsp_i8(const edgec_pool *op, const edgec_means_dsp *means, void *scratch,
                                                  int32_t counted_left, int32_t counted_right, const int8_t *const *rows,
                                                  int32_t counted_rows, int8_t *y)
{
  const int8_t **const taps = (const int8_t **)scratch;
  int8_t *out = y;
  edgec_pooled_dsp pooled = {0, 0, 0, 0, 0, op->channels, (op->stride - 1) * op->channels};
  for (int32_t x = 0, run; x < op->out_width; x += run, out += run * op->channels) {
    const int32_t x0 = x * op->stride - op->pad_left;
    const int32_t count =
        means->uniform ? 0 : edgec_average_pool_count(op, counted_rows, counted_left, counted_right, x0);
    run = edgec_pool_run_dsp(op, x);
    pooled.taps = edgec_pool_taps_dsp(op, rows, x, taps);
    pooled.first = (int32_t)((uint32_t)(uint16_t)(-pooled.taps * means->x_zero) * 0x10001u);
    pooled.multiplier = means->multiplier[count];
    pooled.begin = means->begin[count];
    pooled.shift = means->shift[count];
    edgec_means_of_dsp(&pooled, taps, out, run);
  }
  if (means->low > INT8_MIN || means->high < INT8_MAX) {
    edgec_narrow_dsp(y, op->out_width * op->channels, means->low, means->high);
  }
}

#endif
