/* Product of two matrices of bytes, neither known at compile time, with the DSP extension. */
#ifndef EDGEC_MATMUL_DSP_H
#define EDGEC_MATMUL_DSP_H

#include "edgec/dense_dsp.h"

/* Both are widened to halfwords and zero points taken off: rows of a into patches, columns of b into a stream, as the
   blocks of block_dsp.h read them. Where `inner` is no multiple of 4 the last four are the last 4, and those that were
   there before are 0 in the stream. */
typedef struct {
  int32_t rows;    /* of a and y, 3 or more */
  int32_t inner;   /* columns of a, rows of b; 4 or more */
  int32_t columns; /* of b and y, 4 or more */
  int32_t a_less;  /* the number that codes are less than zero points, in both halfwords */
  int32_t b_less;
  int32_t multiplier; /* codes of block_dsp.h */
  int32_t begin;
  int32_t shift;
  int32_t chunk;  /* so many times 4 columns, that scratch has room for */
  int32_t blocks; /* of 3 rows, that are widened together */
} edgec_matmul_dsp;

/* As edgec_widen_3_dsp, `less` in both halves more. */
EDGEC_ASSEMBLY void edgec_widen_less_3_dsp(EDGEC_ARGUMENT const int8_t *x, EDGEC_ARGUMENT int16_t *patch,
                                           EDGEC_ARGUMENT int32_t channels, EDGEC_ARGUMENT int32_t blocks,
                                           EDGEC_ARGUMENT int32_t less)
{
  EDGEC_DSP_WIDEN_3("ldr r5, [sp, #44]\n",
                    "ldr r6, [r1], #4\n"
                    "ldr r4, [r2], #4\n"
                    "sxtab16 r8, r5, r6\n"
                    "sxtab16 r11, r5, r6, ror #8\n"
                    "ldr r6, [r0], #4\n"
                    "sxtab16 r9, r5, r4\n"
                    "sxtab16 r12, r5, r4, ror #8\n"
                    "sxtab16 r7, r5, r6\n"
                    "sxtab16 r10, r5, r6, ror #8\n");
}

/* Four columns of `groups` of 4 rows of b, `step` bytes apart, as taps of two pairs; returns where the next rows are. */
EDGEC_ASSEMBLY const int8_t *edgec_pack_columns_dsp(EDGEC_ARGUMENT const int8_t *b, EDGEC_ARGUMENT int32_t step,
                                                    EDGEC_ARGUMENT uint32_t *pair, EDGEC_ARGUMENT uint32_t *other,
                                                    EDGEC_ARGUMENT int32_t groups, EDGEC_ARGUMENT int32_t less)
{
#define EDGEC_DSP_PACK_ROWS              \
  "sxtab16 r8, r4, r6\n"                 \
  "sxtab16 r9, r4, r7\n"                 \
  "sxtab16 r6, r4, r6, ror #8\n"         \
  "sxtab16 r7, r4, r7, ror #8\n"         \
  "pkhbt r10, r8, r9, lsl #16\n"         \
  "pkhbt r11, r6, r7, lsl #16\n"         \
  "pkhtb r8, r9, r8, asr #16\n"          \
  "pkhtb r9, r7, r6, asr #16\n"          \
  "stm r2!, {r10, r11}\n"                \
  "stm r3!, {r8, r9}\n"
  __asm__("push {r4-r11, lr}\n"
          "ldrd r5, r4, [sp, #36]\n"
          "add r12, r1, r1, lsl #1\n"
          "1:\n"
          "ldr r6, [r0]\n"
          "ldr r7, [r0, r1, lsl #1]\n" EDGEC_DSP_PACK_ROWS
          "ldr r6, [r0, r1]\n"
          "ldr r7, [r0, r12]\n" EDGEC_DSP_PACK_ROWS
          "add r0, r0, r1, lsl #2\n"
          "subs r5, r5, #1\n"
          "bne 1b\n"
          "pop {r4-r11, pc}\n");
}

/* Four taps of 3 rows of a by two columns: 16 instructions, 24 products. */
#define EDGEC_DSP_WORDS           \
  "ldm r0!, {r2, r3}\n"           \
  "ldm r1!, {r4, r5, r6}\n"       \
  "smlad r7, r2, r4, r7\n"        \
  "smlad r8, r2, r5, r8\n"        \
  "smlad r9, r2, r6, r9\n"        \
  "smlad r10, r3, r4, r10\n"      \
  "smlad r11, r3, r5, r11\n"      \
  "smlad r12, r3, r6, r12\n"

#define EDGEC_DSP_WORDS_GROUP EDGEC_DSP_WORDS EDGEC_DSP_WORDS

EDGEC_DSP_BLOCK(words, EDGEC_DSP_WORDS_GROUP, EDGEC_DSP_CODES)

/* A pair's words before its taps and behind: biases of 0, and codes, the first channel at `place`. */
EDGEC_INLINE void edgec_begin_pair_dsp(const edgec_matmul_dsp *op, uint32_t *pair, uint32_t *codes, int32_t place)
{
  pair[0] = 0;
  pair[1] = 0;
  codes[0] = (uint32_t)op->multiplier;
  codes[1] = (uint32_t)op->begin;
  codes[2] = codes[0];
  codes[3] = codes[1];
  codes[4] = (uint32_t)op->shift | (uint32_t)place << 8;
  codes[5] = (uint32_t)op->shift;
}

/* Columns from `column` on as two pairs; returns the last word of these. */
EDGEC_FUNCTION uint32_t *edgec_pack_four_dsp(const edgec_matmul_dsp *op, const int8_t *b, int32_t column, uint32_t *pair)
{
  const int32_t whole = op->inner / 4;
  const int32_t rest = op->inner % 4;
  const int32_t taps = 4 * (whole + (rest > 0));
  uint32_t *const other = pair + 8 + taps;
  edgec_begin_pair_dsp(op, pair, pair + 2 + taps, column);
  edgec_begin_pair_dsp(op, other, other + 2 + taps, column + 2);
  edgec_pack_columns_dsp(b + column, op->columns, pair + 2, other + 2, whole, op->b_less);
  if (rest > 0) {
    uint32_t *const last = pair + 2 + 4 * whole;
    uint32_t *const other_last = other + 2 + 4 * whole;
    const uint32_t even = rest == 1 ? 0 : 0xffff0000u;
    const uint32_t odd = rest == 3 ? 0xffffffffu : 0xffff0000u;
    edgec_pack_columns_dsp(b + column + (op->inner - 4) * op->columns, op->columns, last, other_last, 1, op->b_less);
    for (int32_t i = 0; i < 4; ++i) {
      last[i] &= i < 2 ? even : odd;
      other_last[i] &= i < 2 ? even : odd;
    }
  }
  return other + 7 + taps;
}

/* y[i][j] = code of the sum of (a[i][k] - a_zero) * (b[k][j] - b_zero). scratch: op->chunk times 4 columns, then
   op->blocks times 3 rows. */
EDGEC_BLOCK_KERNEL void edgec_matmul_dsp_i8(const edgec_matmul_dsp *op, const int8_t *a, const int8_t *b, int8_t *y,
                                            void *scratch)
{
  const int32_t groups = (op->inner + 3) / 4;
  const edgec_block_dsp block = {NULL, NULL, NULL, NULL, groups, op->columns, INT8_MIN, INT8_MAX};
  uint32_t *const stream = (uint32_t *)scratch;
  int16_t *const patch = (int16_t *)(void *)(stream + op->chunk * (16 + 8 * groups));
  for (int32_t next = 0; next < op->columns;) {
    uint32_t *last = stream - 1;
    for (int32_t i = 0; i < op->chunk && next < op->columns; ++i, next += 4) {
      last = edgec_pack_four_dsp(op, b, next < op->columns - 4 ? next : op->columns - 4, last + 1);
    }
    *last |= 0x80000000u;
    for (int32_t left = op->rows; left > 0;) {
      const int32_t whole = left / 3;
      const int32_t row = whole > 0 ? op->rows - left : op->rows - 3;
      const int32_t blocks = whole == 0 ? 1 : whole < op->blocks ? whole : op->blocks;
      edgec_widen_less_3_dsp(a + row * op->inner, patch, op->inner, blocks, op->a_less);
      edgec_words_3x2_dsp(stream, patch, y + row * op->columns, &block, blocks);
      left -= 3 * blocks;
    }
  }
}

#endif
