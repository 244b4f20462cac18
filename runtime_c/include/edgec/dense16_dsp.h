/* Dense layers and 1x1 convolutions of 16 bits by bytes with the DSP extension: 3 pixels x 2 channels, of a single pixel 4
   channels. */
#ifndef EDGEC_DENSE16_DSP_H
#define EDGEC_DENSE16_DSP_H

#include "edgec/block16_dsp.h"
#include "edgec/gather_dsp.h"

/* --- three pixels or more ------------------------------------------------------------------------------------------ */

typedef struct {
  int32_t in_channels; /* at least 2 */
  int32_t blocks;      /* of 3 pixels, whose patches are made together */
  edgec_block_dsp block;
} edgec_pointwise16_dsp;

/* `pixels`, at least 3; scratch: 24 bytes for each group of 4 channels of each of op->blocks. Where their number is no
   multiple of 3 the last block is that of the last 3; of an odd number of channels the last word is the last two. */
EDGEC_BLOCK_KERNEL void edgec_pointwise16_dsp_i16(const edgec_pointwise16_dsp *op, int32_t pixels, const int16_t *x,
                                                  int16_t *y, void *scratch)
{
  int16_t *const patches = (int16_t *)scratch;
  const int32_t channels = op->in_channels;
  const edgec_runs_dsp runs = {1, 0, channels / 2, 0};
  for (int32_t left = pixels; left > 0;) {
    const int32_t whole = left / 3;
    const int32_t p = whole > 0 ? pixels - left : pixels - 3;
    const int32_t blocks = whole == 0 ? 1 : whole < op->blocks ? whole : op->blocks;
    const int16_t *at = x + p * channels;
    for (int32_t b = 0; b < blocks; ++b, at += 3 * channels) {
      int16_t *const patch = patches + 12 * op->block.groups * b;
      edgec_gather_3_dsp(at, at + channels, at + 2 * channels, patch, &runs);
      for (int32_t i = 0; (channels & 1) != 0 && i < 3; ++i) {
        edgec_copy16_dsp(at + (i + 1) * channels - 2, patch + 3 * (channels - 1) + 2 * i, 2);
      }
    }
    edgec_block_3x2_dsp(&op->block, patches, (int8_t *)y + p * op->block.out_step, blocks);
    left -= 3 * blocks;
  }
  edgec_clamp16_dsp(op->block.low, op->block.high, y, pixels * (op->block.out_step / 2));
}

/* --- one pixel ----------------------------------------------------------------------------------------------------- */

typedef void edgec_dense16_loop_dsp(const uint32_t *stream, const int16_t *x, int8_t *y, int32_t channels);

/* A layer's channels in fours, as those of edgec_dense_dsp that do not share halfwords; places are in bytes. */
typedef struct {
  edgec_dense16_loop_dsp *loop;
  const uint32_t *stream;
  int32_t in_channels;
  int32_t out_channels;
  int32_t low; /* clamp of the code */
  int32_t high;
} edgec_dense16_dsp;

/* Four taps of 4 channels. */
#define EDGEC_DSP_DENSE_GROUP16   \
  "ldm r1!, {r2, r3}\n"           \
  "ldm r0!, {r8-r11}\n"           \
  "sxtb16 r12, r8\n"              \
  "smlad r4, r12, r2, r4\n"       \
  "sxtb16 r8, r8, ror #8\n"       \
  "smlad r4, r8, r3, r4\n"        \
  "sxtb16 r12, r9\n"              \
  "smlad r5, r12, r2, r5\n"       \
  "sxtb16 r9, r9, ror #8\n"       \
  "smlad r5, r9, r3, r5\n"        \
  "sxtb16 r12, r10\n"             \
  "smlad r6, r12, r2, r6\n"       \
  "sxtb16 r10, r10, ror #8\n"     \
  "smlad r6, r10, r3, r6\n"       \
  "sxtb16 r12, r11\n"             \
  "smlad r7, r12, r2, r7\n"       \
  "sxtb16 r11, r11, ror #8\n"     \
  "smlad r7, r11, r3, r7\n"

/* A pixel, aligned, of `channels`, which end with a group of 8: 38 instructions per 8 taps, 32 products. */
#define EDGEC_DSP_DENSE16(name, saturate)                                                                            \
  EDGEC_ASSEMBLY void edgec_##name##_1x4_dsp(EDGEC_ARGUMENT const uint32_t *stream, EDGEC_ARGUMENT const int16_t *x, \
                                             EDGEC_ARGUMENT int8_t *y, EDGEC_ARGUMENT int32_t channels)              \
  {                                                                                                                  \
    __asm__("push {r4-r11, lr}\n"                                                                                    \
            "sub sp, #8\n" /* y, x */                                                                                \
            "strd r2, r1, [sp]\n"                                                                                    \
            "adds r3, r3, #7\n"                                                                                      \
            "lsrs r3, r3, #3\n"                                                                                      \
            "add lr, r1, r3, lsl #4\n" /* its end */                                                                 \
            "1:\n"                                                                                                   \
            "ldm r0!, {r4-r7}\n"                                                                                     \
            "ldr r1, [sp, #4]\n"                                                                                     \
            "2:\n" EDGEC_DSP_DENSE_GROUP16 EDGEC_DSP_DENSE_GROUP16                                                   \
            "cmp r1, lr\n"                                                                                           \
            "bne 2b\n"                                                                                               \
            "ldm r0!, {r8-r11}\n"                                                                                    \
            "smmla r4, r4, r8, r9\n"                                                                                 \
            "smmla r5, r5, r10, r11\n"                                                                               \
            "ldm r0!, {r8-r11}\n"                                                                                    \
            "smmla r6, r6, r8, r9\n"                                                                                 \
            "smmla r7, r7, r10, r11\n"                                                                               \
            "ldm r0!, {r8-r12}\n"                                                                                    \
            "asr r4, r4, r8\n"                                                                                       \
            "asr r5, r5, r9\n"                                                                                       \
            "asr r6, r6, r10\n"                                                                                      \
            "asr r7, r7, r11\n"                                                                                      \
            saturate(r4)                                                                                             \
            saturate(r5)                                                                                             \
            saturate(r6)                                                                                             \
            saturate(r7)                                                                                             \
            "pkhbt r4, r4, r5, lsl #16\n"                                                                            \
            "ldr r5, [sp]\n"                                                                                         \
            "pkhbt r6, r6, r7, lsl #16\n"                                                                            \
            "add r5, r12\n"                                                                                          \
            "str r4, [r5]\n"                                                                                         \
            "str r6, [r5, #4]\n"                                                                                     \
            "cmp r11, #0\n"                                                                                          \
            "bpl 1b\n"                                                                                               \
            "add sp, #8\n"                                                                                           \
            "pop {r4-r11, pc}\n");                                                                                   \
  }

EDGEC_DSP_DENSE16(plain16, EDGEC_DSP_SIGNED16)
EDGEC_DSP_DENSE16(positive16, EDGEC_DSP_POSITIVE16)

/* `pixels`, one by one; scratch: 16 bytes for each group of 8 channels. */
EDGEC_BLOCK_KERNEL void edgec_dense16_dsp_i16(const edgec_dense16_dsp *op, int32_t pixels, const int16_t *x, int16_t *y,
                                              void *scratch)
{
  int16_t *const aligned = (int16_t *)scratch;
  int16_t four[4];
  int16_t *const begin = y;
  for (int32_t p = 0; p < pixels; ++p, x += op->in_channels, y += op->out_channels) {
    int16_t *const out = op->out_channels < 4 ? four : y;
    edgec_copy16_dsp(x, aligned, op->in_channels);
    op->loop(op->stream, aligned, (int8_t *)out, op->in_channels);
    for (int32_t c = 0; op->out_channels < 4 && c < op->out_channels; ++c) {
      y[c] = four[c];
    }
  }
  edgec_clamp16_dsp(op->low, op->high, begin, pixels * op->out_channels);
}

#endif
