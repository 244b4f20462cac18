/* 2-D convolution of bytes with the DSP extension: any window, stride and dilation. */
#ifndef EDGEC_CONV2D_DSP_H
#define EDGEC_CONV2D_DSP_H

#include "edgec/block_dsp.h"
#include "edgec/gather_dsp.h"
#include "edgec/strips.h"

/* One layer. Rows of input are widened once and stand in scratch with their padding, `pitch` elements apart, so that every
   window is whole. Offsets are in elements. */
typedef struct {
  int32_t first;  /* of a row that are taken */
  int32_t count;  /* how many */
  int32_t before; /* padding */
  int32_t behind;
  int32_t x_zero; /* what padding holds */
  int32_t pitch;  /* even, at least the sum of the three */
  int32_t rows;   /* of the window, those between its taps, too */
  int32_t stride; /* vertical */
  int32_t out_width;
  int32_t pixel;   /* from one window to the next */
  int32_t windows; /* parts of a window, each as `runs` says: 1, or with dilation one for each row */
  int32_t window;  /* from one of these to the next */
  edgec_runs_dsp runs;
  int32_t blocks; /* of 3 pixels, that are gathered together */
  edgec_block_dsp block;
} edgec_conv2d_dsp;

/* Widen bytes, in order. */
EDGEC_ASSEMBLY void edgec_widen_dsp(EDGEC_ARGUMENT const int8_t *x, EDGEC_ARGUMENT int16_t *y,
                                    EDGEC_ARGUMENT int32_t count)
{
  __asm__("push {r4-r7, lr}\n"
          "tst r1, #2\n" /* stores of several words have to be aligned */
          "beq 1f\n"
          "cbz r2, 5f\n"
          "ldrsb r3, [r0], #1\n"
          "strh r3, [r1], #2\n"
          "subs r2, r2, #1\n"
          "1:\n"
          "lsrs r12, r2, #3\n"
          "beq 3f\n"
          "2:\n"
          "ldr lr, [r0], #4\n"
          "ldr r7, [r0], #4\n"
          "sxtb16 r5, lr\n"
          "sxtb16 r6, lr, ror #8\n"
          "pkhbt r3, r5, r6, lsl #16\n"
          "pkhtb r4, r6, r5, asr #16\n"
          "sxtb16 r6, r7\n"
          "sxtb16 r7, r7, ror #8\n"
          "pkhbt r5, r6, r7, lsl #16\n"
          "pkhtb r6, r7, r6, asr #16\n"
          "stm r1!, {r3-r6}\n"
          "subs r12, r12, #1\n"
          "bne 2b\n"
          "3:\n"
          "ands r2, r2, #7\n"
          "beq 5f\n"
          "4:\n"
          "ldrsb r3, [r0], #1\n"
          "strh r3, [r1], #2\n"
          "subs r2, r2, #1\n"
          "bne 4b\n"
          "5:\n"
          "pop {r4-r7, pc}\n");
}

EDGEC_FUNCTION void edgec_fill_dsp(int16_t *y, int32_t count, int32_t value)
{
  const uint32_t both = (uint32_t)(value & 0xffff) * 0x00010001u;
  for (int16_t *const end = y + (count & ~1); y != end; y += 2) {
    ((edgec_word_dsp *)(void *)y)->bytes = both;
  }
  if ((count & 1) != 0) {
    *y = (int16_t)value;
  }
}

EDGEC_FUNCTION void edgec_widen_rows_dsp(const edgec_conv2d_dsp *op, const int8_t *const *rows, int32_t count,
                                         int16_t *y)
{
  for (; count > 0; --count, ++rows, y += op->pitch) {
    if (*rows == NULL) {
      edgec_fill_dsp(y, op->pitch, op->x_zero);
    } else {
      edgec_fill_dsp(y, op->before, op->x_zero);
      edgec_widen_dsp(*rows + op->first, y + op->before, op->count);
      edgec_fill_dsp(y + op->before + op->count, op->behind, op->x_zero);
    }
  }
}

/* `pixels`, 3 or more, of rows whose lines are ready. Where their number is no multiple of 3 the last block is that of the
   last 3. */
EDGEC_INLINE void edgec_conv2d_blocks_dsp(const edgec_conv2d_dsp *op, const int16_t *lines, int16_t *patches,
                                          int32_t pixels, int8_t *y)
{
  for (int32_t left = pixels; left > 0;) {
    const int32_t whole = left / 3;
    const int32_t p = whole > 0 ? pixels - left : pixels - 3;
    const int32_t blocks = whole == 0 ? 1 : whole < op->blocks ? whole : op->blocks;
    for (int32_t b = 0; b < blocks; ++b) {
      int16_t *patch = patches + 12 * op->block.groups * b;
      const int16_t *at[3];
      for (int32_t i = 0; i < 3; ++i) {
        const int32_t pixel = p + 3 * b + i;
        const int32_t row = pixel / op->out_width;
        at[i] = lines + (row * op->stride * op->pitch + (pixel - row * op->out_width) * op->pixel);
      }
      for (int32_t w = 0; w < op->windows; ++w) {
        const ptrdiff_t offset = w * op->window;
        edgec_gather_3_dsp(at[0] + offset, at[1] + offset, at[2] + offset, patch, &op->runs);
        patch += 6 * op->runs.runs * (3 * op->runs.triples + op->runs.singles);
      }
    }
    edgec_block_3x2_dsp(&op->block, patches, y + p * op->block.out_step, blocks);
    left -= 3 * blocks;
  }
}

/* `out_rows` rows of output, of 3 pixels or more in all, from pointers to all rows of input that their windows span (NULL:
   a row of padding). scratch: for each of op->blocks a patch of 24 bytes for each group of 4 taps, then the rows and one
   element more. */
EDGEC_BLOCK_KERNEL void edgec_conv2d_dsp_i8(const edgec_conv2d_dsp *op, const int8_t *const *rows, int32_t out_rows,
                                        int8_t *y, void *scratch)
{
  int16_t *const patches = (int16_t *)scratch;
  int16_t *const lines = patches + 12 * op->block.groups * op->blocks;
  const int32_t pixels = out_rows * op->out_width;
  edgec_widen_rows_dsp(op, rows, (out_rows - 1) * op->stride + op->rows, lines);
  edgec_conv2d_blocks_dsp(op, lines, patches, pixels, y);
  edgec_clamp_dsp(&op->block, y, pixels * op->block.out_step);
}

/* The same by groups of channels, one after the other: first the rows of all, */
EDGEC_BLOCK_KERNEL void edgec_conv2d_lines_dsp_i8(const edgec_conv2d_dsp *op, const int8_t *const *rows,
                                                  int32_t out_rows, void *scratch)
{
  int16_t *const lines = (int16_t *)scratch + 12 * op->block.groups * op->blocks;
  edgec_widen_rows_dsp(op, rows, (out_rows - 1) * op->stride + op->rows, lines);
}

/* then `pixels` of a group, whose channels begin at `channel`; codes are not clamped further. */
EDGEC_BLOCK_KERNEL void edgec_conv2d_groups_dsp_i8(const edgec_conv2d_dsp *op, int32_t pixels, int32_t channel,
                                                   int8_t *y, void *scratch)
{
  int16_t *const patches = (int16_t *)scratch;
  const int16_t *const lines = patches + 12 * op->block.groups * op->blocks;
  edgec_conv2d_blocks_dsp(op, lines + channel, patches, pixels, y);
}

/* A row of a transposed convolution's outputs that see the same columns of its window. */
EDGEC_BLOCK_KERNEL void edgec_conv_transpose_dsp_i8(const edgec_conv2d_dsp *op, const int8_t *const *rows, int8_t *y,
                                                    void *scratch)
{
  edgec_conv2d_lines_dsp_i8(op, rows, 1, scratch);
  edgec_conv2d_groups_dsp_i8(op, op->out_width, 0, y, scratch);
}

#endif
