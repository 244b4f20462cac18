/* Dense layers and 1x1 convolutions of bytes with the DSP extension: 3 pixels x 2 channels, of a single pixel 4 channels. */
#ifndef EDGEC_DENSE_DSP_H
#define EDGEC_DENSE_DSP_H

#include "edgec/block_dsp.h"

/* --- three pixels or more ------------------------------------------------------------------------------------------ */

typedef struct {
  int32_t in_channels; /* at least 4 */
  int32_t blocks;      /* of 3 pixels, that are widened together */
  edgec_block_dsp block;
} edgec_pointwise_dsp;

/* Widen `blocks` of 3 pixels of `channels` bytes, at least 4, into patches, each four in the order 0, 2, 1, 3. Where their
   number is no multiple of 4 the last group is the last 4. `four`: those of three pixels at r0, r1, r2 as r7-r12. */
#define EDGEC_DSP_WIDEN_3(setup, four)                        \
  __asm__("push {r2-r11, lr}\n" /* sp: channels, blocks */    \
          setup                                               \
          "mov r3, r1\n"                                      \
          "1:\n"                                              \
          "add r1, r0, r2\n"                                  \
          "add r2, r1\n"                                      \
          "ldr r4, [sp]\n"                                    \
          "lsr lr, r4, #2\n"                                  \
          "2:\n"                                              \
          four                                                \
          "stm r3!, {r7-r12}\n"                               \
          "subs lr, lr, #1\n"                                 \
          "bgt 2b\n"                                          \
          "blt 3f\n" /* after the last 4 */                   \
          "ldr r4, [sp]\n"                                    \
          "ands r4, r4, #3\n"                                 \
          "beq 3f\n"                                          \
          "subs r4, r4, #4\n"                                 \
          "add r0, r4\n"                                      \
          "add r1, r4\n"                                      \
          "add r2, r4\n"                                      \
          "b 2b\n"                                            \
          "3:\n"                                              \
          "mov r0, r2\n"                                      \
          "ldrd r2, r4, [sp]\n"                               \
          "subs r4, r4, #1\n"                                 \
          "str r4, [sp, #4]\n"                                \
          "bne 1b\n"                                          \
          "pop {r2-r11, pc}\n")

EDGEC_ASSEMBLY void edgec_widen_3_dsp(EDGEC_ARGUMENT const int8_t *x, EDGEC_ARGUMENT int16_t *patch,
                                      EDGEC_ARGUMENT int32_t channels, EDGEC_ARGUMENT int32_t blocks)
{
  EDGEC_DSP_WIDEN_3("",
                    "ldr r5, [r1], #4\n"
                    "ldr r6, [r2], #4\n"
                    "ldr r4, [r0], #4\n"
                    "sxtb16 r7, r4\n"
                    "sxtb16 r8, r5\n"
                    "sxtb16 r9, r6\n"
                    "sxtb16 r10, r4, ror #8\n"
                    "sxtb16 r11, r5, ror #8\n"
                    "sxtb16 r12, r6, ror #8\n");
}

/* `pixels`, at least 3; scratch: 24 bytes for each group of 4 channels of each of op->blocks. Where their number is no
   multiple of 3 the last block is that of the last 3. */
EDGEC_BLOCK_KERNEL void edgec_pointwise_dsp_i8(const edgec_pointwise_dsp *op, int32_t pixels, const int8_t *x, int8_t *y,
                                           void *scratch)
{
  int16_t *const patch = (int16_t *)scratch;
  for (int32_t left = pixels; left > 0;) {
    const int32_t whole = left / 3;
    const int32_t p = whole > 0 ? pixels - left : pixels - 3;
    const int32_t blocks = whole == 0 ? 1 : whole < op->blocks ? whole : op->blocks;
    edgec_widen_3_dsp(x + p * op->in_channels, patch, op->in_channels, blocks);
    edgec_block_3x2_dsp(&op->block, patch, y + p * op->block.out_step, blocks);
    left -= 3 * blocks;
  }
  edgec_clamp_dsp(&op->block, y, pixels * op->block.out_step);
}

/* --- one pixel ----------------------------------------------------------------------------------------------------- */

/* A layer's channels in fours, each in one of two streams of words, as those of edgec_block_dsp, which edgec_pairs_1x4_dsp
   and edgec_plain_1x4_dsp read:
     pairs: bias0, bias0 + 256 * bias1, bias2, bias2 + 256 * bias3; for each two taps a word of each pair, eight taps at a
            time; codes
     plain: bias0 .. bias3; for each four taps a word of each channel; codes
     codes: multiplier0, begin0, .. multiplier3, begin3; shift0 .. shift3, the place of channel 0; bit 31 of shift3 set in
            the last four of a stream
   Where the number of channels is no multiple of 4 the last four are the last 4; where there are fewer, the others are
   computed for nothing. */
typedef void edgec_dense_loop_dsp(const uint32_t *stream, const int16_t *x, int8_t *y, int32_t channels);

typedef struct {
  edgec_dense_loop_dsp *loop;
  const uint32_t *stream;
  edgec_dense_loop_dsp *other_loop;
  const uint32_t *other;
  int32_t in_channels; /* at least 4 */
  int32_t out_channels;
  int32_t low; /* clamp of the code */
  int32_t high;
} edgec_dense_dsp;

/* Widen `channels` bytes, at least 4, as edgec_widen_3_dsp does. */
EDGEC_ASSEMBLY void edgec_widen_1_dsp(EDGEC_ARGUMENT const int8_t *x, EDGEC_ARGUMENT int16_t *patch,
                                      EDGEC_ARGUMENT int32_t channels)
{
  __asm__("push {r4, lr}\n"
          "lsr r12, r2, #2\n"
          "ands r2, r2, #3\n"
          "1:\n"
          "ldr r3, [r0], #4\n"
          "sxtb16 r4, r3\n"
          "sxtb16 lr, r3, ror #8\n"
          "stm r1!, {r4, lr}\n"
          "subs r12, r12, #1\n"
          "bne 1b\n"
          "cbz r2, 2f\n"
          "subs r2, r2, #4\n"
          "add r0, r2\n"
          "movs r2, #0\n"
          "mov r12, #1\n"
          "b 1b\n"
          "2:\n"
          "pop {r4, pc}\n");
}

/* r4-r7: sums of 4 channels; r0: stream, at the codes. Clobbers r8-r12. */
#define EDGEC_DSP_DENSE_CODES                              \
  "ldm r0!, {r8-r11}\n"                                    \
  "smmla r4, r4, r8, r9\n"                                 \
  "smmla r5, r5, r10, r11\n"                               \
  "ldm r0!, {r8-r11}\n"                                    \
  "smmla r6, r6, r8, r9\n"                                 \
  "smmla r7, r7, r10, r11\n"                               \
  "ldm r0!, {r8-r12}\n"                                    \
  "asr r4, r4, r8\n"                                       \
  "asr r5, r5, r9\n"                                       \
  "asr r6, r6, r10\n"                                      \
  "asr r7, r7, r11\n"                                      \
  "ssat r4, #8, r4\n"                                      \
  "ssat r5, #8, r5\n"                                      \
  "ssat r6, #8, r6\n"                                      \
  "ssat r7, #8, r7\n"                                      \
  "bfi r4, r5, #8, #8\n"                                   \
  "bfi r6, r7, #8, #8\n"                                   \
  "ldr r5, [sp]\n" /* y */                                 \
  "pkhbt r4, r4, r6, lsl #16\n"                            \
  "str r4, [r5, r12]\n"                                    \
  "cmp r11, #0\n"

/* Two taps, x, of two channel pairs, whose words of h are v and w. */
#define EDGEC_DSP_DENSE_TAPS(v, w, x)  \
  "smlad r5, " v ", " x ", r5\n"       \
  "sxtb16 " v ", " v "\n"              \
  "smlad r4, " v ", " x ", r4\n"       \
  "smlad r7, " w ", " x ", r7\n"       \
  "sxtb16 " w ", " w "\n"              \
  "smlad r6, " w ", " x ", r6\n"

#define EDGEC_DSP_DENSE_GROUP                \
  "ldm r1!, {r2, r3, r12, lr}\n"             \
  "ldm r0!, {r8-r11}\n"                      \
  EDGEC_DSP_DENSE_TAPS("r8", "r9", "r2")     \
  EDGEC_DSP_DENSE_TAPS("r10", "r11", "r3")   \
  "ldm r0!, {r8-r11}\n"                      \
  EDGEC_DSP_DENSE_TAPS("r8", "r9", "r12")    \
  EDGEC_DSP_DENSE_TAPS("r10", "r11", "lr")

/* A pixel, widened, of `channels`, which end with a group of 8: 27 instructions per 8 taps, 32 products. */
EDGEC_ASSEMBLY void edgec_pairs_1x4_dsp(EDGEC_ARGUMENT const uint32_t *stream, EDGEC_ARGUMENT const int16_t *x,
                                        EDGEC_ARGUMENT int8_t *y, EDGEC_ARGUMENT int32_t channels)
{
  __asm__("push {r4-r11, lr}\n"
          "sub sp, #16\n" /* y, x, its end, where the loop is entered */
          "strd r2, r1, [sp]\n"
          "adds r3, r3, #7\n"
          "lsrs r3, r3, #3\n" /* groups: four a turn, of the first so many that the last ends with the pixel */
          "add r4, r1, r3, lsl #4\n"
          "rsb r3, r3, #0\n"
          "and r3, r3, #3\n"
          "adr.w r6, 9f\n"
          "ldrsh r5, [r6, r3, lsl #1]\n"
          "add r5, r6\n"
          "strd r4, r5, [sp, #8]\n"
          "1:\n"
          "ldm r0!, {r4-r7}\n"
          "ldr r1, [sp, #4]\n"
          "ldr pc, [sp, #12]\n"
          "2:\n" EDGEC_DSP_DENSE_GROUP
          "3:\n" EDGEC_DSP_DENSE_GROUP
          "4:\n" EDGEC_DSP_DENSE_GROUP
          "5:\n" EDGEC_DSP_DENSE_GROUP
          "ldr r8, [sp, #8]\n"
          "cmp r1, r8\n"
          "bne 2b\n"
          "sub r5, r5, r4\n"
          "sub r7, r7, r6\n"
          EDGEC_DSP_DENSE_CODES
          "bpl 1b\n"
          "add sp, #16\n"
          "pop {r4-r11, pc}\n"
          ".p2align 1\n"
          "9:\n"
          ".short 2b - 9b + 1, 3b - 9b + 1, 4b - 9b + 1, 5b - 9b + 1\n");
}

/* The same of channels that do not share halfwords: 20 instructions per 4 taps. */
EDGEC_ASSEMBLY void edgec_plain_1x4_dsp(EDGEC_ARGUMENT const uint32_t *stream, EDGEC_ARGUMENT const int16_t *x,
                                        EDGEC_ARGUMENT int8_t *y, EDGEC_ARGUMENT int32_t channels)
{
  __asm__("push {r4-r11, lr}\n"
          "sub sp, #8\n" /* y, x */
          "strd r2, r1, [sp]\n"
          "adds r3, r3, #7\n"
          "lsrs r3, r3, #3\n"
          "add lr, r1, r3, lsl #4\n" /* its end */
          "1:\n"
          "ldm r0!, {r4-r7}\n"
          "ldr r1, [sp, #4]\n"
          "2:\n"
          "ldm r1!, {r2, r3}\n"
          "ldm r0!, {r8-r11}\n"
          "sxtb16 r12, r8\n"
          "smlad r4, r12, r2, r4\n"
          "sxtb16 r8, r8, ror #8\n"
          "smlad r4, r8, r3, r4\n"
          "sxtb16 r12, r9\n"
          "smlad r5, r12, r2, r5\n"
          "sxtb16 r9, r9, ror #8\n"
          "smlad r5, r9, r3, r5\n"
          "sxtb16 r12, r10\n"
          "smlad r6, r12, r2, r6\n"
          "sxtb16 r10, r10, ror #8\n"
          "smlad r6, r10, r3, r6\n"
          "sxtb16 r12, r11\n"
          "smlad r7, r12, r2, r7\n"
          "sxtb16 r11, r11, ror #8\n"
          "smlad r7, r11, r3, r7\n"
          "cmp r1, lr\n"
          "bne 2b\n"
          EDGEC_DSP_DENSE_CODES
          "bpl 1b\n"
          "add sp, #8\n"
          "pop {r4-r11, pc}\n");
}

/* `pixels`, one by one; scratch: 16 bytes for each group of 8 channels. */
EDGEC_BLOCK_KERNEL void edgec_dense_dsp_i8(const edgec_dense_dsp *op, int32_t pixels, const int8_t *x, int8_t *y,
                                       void *scratch)
{
  int16_t *const wide = (int16_t *)scratch;
  int8_t four[4];
  int8_t *const last = y + pixels * op->out_channels;
  for (; y != last; x += op->in_channels, y += op->out_channels) {
    int8_t *const out = op->out_channels < 4 ? four : y;
    edgec_widen_1_dsp(x, wide, op->in_channels);
    op->loop(op->stream, wide, out, op->in_channels);
    if (op->other != NULL) {
      op->other_loop(op->other, wide, out, op->in_channels);
    }
    for (int32_t c = 0; op->out_channels < 4 && c < op->out_channels; ++c) {
      y[c] = four[c];
    }
    if (op->low > INT8_MIN || op->high < INT8_MAX) {
      edgec_narrow_dsp(y, op->out_channels, op->low, op->high);
    }
  }
}

#endif
