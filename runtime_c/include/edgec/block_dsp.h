/* The DSP extension of Armv7E-M and Armv8-M (Cortex-M4, M7, M33): blocks of sums of products of bytes, and the codes that
   become of them.

   What the cores have is SMLAD, two products of halfwords and their sum. Input is widened to halfwords once, into scratch;
   weights stay bytes in flash and are widened as they are loaded (SXTB16 takes bytes 0 and 2 of a word). Two channels'
   weights w0, w1 of the same tap share a halfword h = w0 + 256 * w1 where code generation proves that it holds them, and
   their sums: T, the sum of h * x, is S0 + 256 * S1, and S0 is the sum of the products with the low byte of h. So half of
   the widening is saved, T - S0 = 256 * S1 is exact modulo 2^32, and the channel's shift is by 8 larger.

   A sum becomes a code by SMMLA, ASR, SSAT: the upper half of sum * multiplier, begun at
   (zero_point << (shift - 32)) + (1 << (shift - 33)), shifted by shift - 32. That is exact for shifts from 33 on. The
   clamp is that of a byte; a narrower one is applied to the finished codes.

   The loops are functions in assembly, as all 14 registers are in use: one function for all layers, which are structs and
   streams of words. */
#ifndef EDGEC_BLOCK_DSP_H
#define EDGEC_BLOCK_DSP_H

#include "edgec/assembly.h"

#if !defined(__ARM_FEATURE_DSP) || !defined(__ARM_FEATURE_SIMD32)
#error "these kernels need the DSP extension of Armv7E-M or Armv8-M: compile for the core that the model was made for"
#endif

/* A layer's channels in pairs, each in one of two streams of words, which edgec_pairs_3x2_dsp and edgec_plain_3x2_dsp read:
     pairs: for each two taps one word of two h, but behind the first two words bias0, bias0 + 256 * bias1; codes
     plain: bias0, bias1; for each four taps one word of each channel, in the order 0, 2, 1, 3; codes
     codes: multiplier0, begin0, multiplier1, begin1; shift0 - 32, and above that byte the place of channel 0 in a pixel;
            shift1 - 32 (of a pair that shares halfwords: - 24), with bit 31 set in the last pair of a stream
   `other` is NULL where one stream is all. `groups` are the taps / 4, rounded up; those that there are not have weights
   of 0. */
typedef struct edgec_block_dsp edgec_block_dsp;

typedef void edgec_block_loop_dsp(const uint32_t *stream, const int16_t *patch, int8_t *y, const edgec_block_dsp *op,
                                  int32_t blocks);

struct edgec_block_dsp {
  edgec_block_loop_dsp *loop;
  const uint32_t *stream;
  edgec_block_loop_dsp *other_loop;
  const uint32_t *other;
  int32_t groups;
  int32_t out_step; /* elements from one pixel of the result to the next */
  int32_t low;      /* clamp of the code */
  int32_t high;
};

/* r7-r9: sums of channel 0, r10-r12: of channel 1, of 3 pixels; r0: stream, at the codes. Clobbers r1-r6 and the sums. */
#define EDGEC_DSP_CODES                                \
  "ldm r0!, {r1-r6}\n"                                 \
  "smmla r7, r7, r1, r2\n"                             \
  "smmla r8, r8, r1, r2\n"                             \
  "smmla r9, r9, r1, r2\n"                             \
  "smmla r10, r10, r3, r4\n"                           \
  "smmla r11, r11, r3, r4\n"                           \
  "smmla r12, r12, r3, r4\n"                           \
  "ldrd r1, r2, [sp]\n" /* y, out_step */              \
  "asrs r7, r7, r5\n"                                  \
  "asr r8, r8, r5\n"                                   \
  "asr r9, r9, r5\n"                                   \
  "asr r10, r10, r6\n"                                 \
  "asr r11, r11, r6\n"                                 \
  "asr r12, r12, r6\n"                                 \
  "ssat r7, #8, r7\n"                                  \
  "ssat r8, #8, r8\n"                                  \
  "ssat r9, #8, r9\n"                                  \
  "ssat r10, #8, r10\n"                                \
  "ssat r11, #8, r11\n"                                \
  "ssat r12, #8, r12\n"                                \
  "add r1, r1, r5, lsr #8\n"                           \
  "bfi r7, r10, #8, #8\n"                              \
  "bfi r8, r11, #8, #8\n"                              \
  "bfi r9, r12, #8, #8\n"                              \
  "strh r7, [r1]\n"                                    \
  "strh r8, [r1, r2]\n"                                \
  "strh r9, [r1, r2, lsl #1]\n"                        \
  "cmp r6, #0\n"                                       \
  "bpl 1b\n"

/* The next block: its patch lies behind, which ends at lr, its pixels of y, too. On the stack y, out_step, patch, and from
   `at` on stream, blocks left. */
#define EDGEC_DSP_NEXT_BLOCK(at)           \
  "ldr r1, [sp, #8]\n"                     \
  "str lr, [sp, #8]\n"                     \
  "sub r1, lr, r1\n"                       \
  "add lr, r1\n"                           \
  "ldrd r2, r3, [sp]\n"                    \
  "add r2, r3\n"                           \
  "add r2, r2, r3, lsl #1\n"               \
  "str r2, [sp]\n"                         \
  "ldrd r0, r1, [sp, #" at "]\n"           \
  "subs r1, r1, #1\n"                      \
  "str r1, [sp, #" at " + 4]\n"            \
  "bne 1b\n"

/* Two taps of 3 pixels by a word of h in w; `s` and `t` are where the sums of pixels 0, 1, 2 come from. */
#define EDGEC_DSP_TAPS(w, s0, s1, s2, t0, t1, t2) \
  "ldm r1!, {r4, r5, r6}\n"                       \
  "smlad r12, " w ", r6, " t2 "\n"                \
  "smlad r11, " w ", r5, " t1 "\n"                \
  "smlad r10, " w ", r4, " t0 "\n"                \
  "sxtb16 " w ", " w "\n"                         \
  "smlad r9, " w ", r6, " s2 "\n"                 \
  "smlad r8, " w ", r5, " s1 "\n"                 \
  "smlad r7, " w ", r4, " s0 "\n"

#define EDGEC_DSP_GROUP                                              \
  "ldm r0!, {r2, r3}\n"                                              \
  EDGEC_DSP_TAPS("r2", "r7", "r8", "r9", "r10", "r11", "r12")        \
  EDGEC_DSP_TAPS("r3", "r7", "r8", "r9", "r10", "r11", "r12")

/* `blocks` of 3 pixels by the channel pairs of a stream. `patch`: for each block, for each two taps, a word of each pixel,
   taps in the order of the stream. A pixel of y is op->out_step behind the one before. 17 instructions per 4 taps, 24
   products. */
EDGEC_ASSEMBLY void edgec_pairs_3x2_dsp(EDGEC_ARGUMENT const uint32_t *stream, EDGEC_ARGUMENT const int16_t *patch,
                                        EDGEC_ARGUMENT int8_t *y, EDGEC_ARGUMENT const edgec_block_dsp *op,
                                        EDGEC_ARGUMENT int32_t blocks)
{
  __asm__("push {r4-r11, lr}\n"
          "ldr r7, [sp, #36]\n"
          "sub sp, #24\n" /* y, out_step, patch, where the loop is entered, stream, blocks */
          "strd r0, r7, [sp, #16]\n"
          "ldrd r4, r5, [r3, #16]\n" /* groups, out_step */
          "strd r2, r5, [sp]\n"
          "add lr, r4, r4, lsl #1\n"
          "add lr, r1, lr, lsl #3\n" /* the patch's end */
          "rsb r4, r4, #1\n"         /* eight groups a turn, of the first so many that the last ends with the patch */
          "and r4, r4, #7\n"
          "adr.w r6, 9f\n"
          "ldrsh r4, [r6, r4, lsl #1]\n"
          "add r4, r6\n"
          "strd r1, r4, [sp, #8]\n"
          "1:\n"
          "ldr r1, [sp, #8]\n"
          "ldm r0!, {r2, r3, r7, r10}\n"
          EDGEC_DSP_TAPS("r2", "r7", "r7", "r7", "r10", "r10", "r10")
          EDGEC_DSP_TAPS("r3", "r7", "r8", "r9", "r10", "r11", "r12")
          "ldr pc, [sp, #12]\n"
          "20:\n" EDGEC_DSP_GROUP
          "21:\n" EDGEC_DSP_GROUP
          "22:\n" EDGEC_DSP_GROUP
          "23:\n" EDGEC_DSP_GROUP);
  __asm__("24:\n" EDGEC_DSP_GROUP
          "25:\n" EDGEC_DSP_GROUP
          "26:\n" EDGEC_DSP_GROUP
          "27:\n" EDGEC_DSP_GROUP
          "28:\n"
          "cmp r1, lr\n"
          "bne 20b\n"
          "sub r10, r10, r7\n"
          "sub r11, r11, r8\n"
          "sub r12, r12, r9\n"
          EDGEC_DSP_CODES
          EDGEC_DSP_NEXT_BLOCK("16")
          "add sp, #24\n"
          "pop {r4-r11, pc}\n"
          ".p2align 1\n"
          "9:\n"
          ".short 28b - 9b + 1, 21b - 9b + 1, 22b - 9b + 1, 23b - 9b + 1\n"
          ".short 24b - 9b + 1, 25b - 9b + 1, 26b - 9b + 1, 27b - 9b + 1\n");
}

/* Four taps of 3 pixels of pairs that do not share halfwords: 19 instructions. */
#define EDGEC_DSP_PLAIN_GROUP     \
  "ldm r0!, {r2, r3}\n"           \
  "ldm r1!, {r4, r5, r6}\n"       \
  "sxtb16 lr, r2\n"               \
  "smlad r7, lr, r4, r7\n"        \
  "smlad r8, lr, r5, r8\n"        \
  "smlad r9, lr, r6, r9\n"        \
  "sxtb16 lr, r3\n"               \
  "smlad r10, lr, r4, r10\n"      \
  "smlad r11, lr, r5, r11\n"      \
  "smlad r12, lr, r6, r12\n"      \
  "ldm r1!, {r4, r5, r6}\n"       \
  "sxtb16 r2, r2, ror #8\n"       \
  "smlad r7, r2, r4, r7\n"        \
  "smlad r8, r2, r5, r8\n"        \
  "smlad r9, r2, r6, r9\n"        \
  "sxtb16 r3, r3, ror #8\n"       \
  "smlad r10, r3, r4, r10\n"      \
  "smlad r11, r3, r5, r11\n"      \
  "smlad r12, r3, r6, r12\n"

/* `blocks` as edgec_pairs_3x2_dsp has them, by a stream that begins with the biases of a pair. */
#define EDGEC_DSP_BLOCK(name, group, codes)                                                                     \
  EDGEC_ASSEMBLY void edgec_##name##_3x2_dsp(EDGEC_ARGUMENT const uint32_t *stream,                             \
                                             EDGEC_ARGUMENT const int16_t *patch, EDGEC_ARGUMENT int8_t *y,     \
                                             EDGEC_ARGUMENT const edgec_block_dsp *op,                          \
                                             EDGEC_ARGUMENT int32_t blocks)                                     \
  {                                                                                                             \
    __asm__("push {r4-r11, lr}\n"                                                                               \
            "ldr r7, [sp, #36]\n"                                                                               \
            "sub sp, #28\n" /* y, out_step, patch, its end, stream, blocks, where the loop is entered */        \
            "strd r0, r7, [sp, #16]\n"                                                                          \
            "ldrd r4, r5, [r3, #16]\n" /* groups, out_step */                                                   \
            "strd r2, r5, [sp]\n"                                                                               \
            "add lr, r4, r4, lsl #1\n"                                                                          \
            "add lr, r1, lr, lsl #3\n"                                                                          \
            "str r1, [sp, #8]\n"                                                                                \
            "rsb r4, r4, #0\n" /* four groups a turn, of the first so many that the last ends with the patch */ \
            "and r4, r4, #3\n"                                                                                  \
            "adr.w r6, 9f\n"                                                                                    \
            "ldrsh r4, [r6, r4, lsl #1]\n"                                                                      \
            "add r4, r6\n"                                                                                      \
            "str r4, [sp, #24]\n"                                                                               \
            "1:\n"                                                                                              \
            "str lr, [sp, #12]\n"                                                                               \
            "ldrd r7, r10, [r0], #8\n"                                                                          \
            "ldr r1, [sp, #8]\n"                                                                                \
            "mov r8, r7\n"                                                                                      \
            "mov r9, r7\n"                                                                                      \
            "mov r11, r10\n"                                                                                    \
            "mov r12, r10\n"                                                                                    \
            "ldr pc, [sp, #24]\n"                                                                               \
            "2:\n" group                                                                                        \
            "3:\n" group                                                                                        \
            "4:\n" group                                                                                        \
            "5:\n" group                                                                                        \
            "ldr lr, [sp, #12]\n"                                                                               \
            "cmp r1, lr\n"                                                                                      \
            "bne 2b\n"                                                                                          \
            codes                                                                                               \
            EDGEC_DSP_NEXT_BLOCK("16")                                                                          \
            "add sp, #28\n"                                                                                     \
            "pop {r4-r11, pc}\n"                                                                                \
            ".p2align 1\n"                                                                                      \
            "9:\n"                                                                                              \
            ".short 2b - 9b + 1, 3b - 9b + 1, 4b - 9b + 1, 5b - 9b + 1\n");                                     \
  }

EDGEC_DSP_BLOCK(plain, EDGEC_DSP_PLAIN_GROUP, EDGEC_DSP_CODES)

EDGEC_INLINE void edgec_block_3x2_dsp(const edgec_block_dsp *op, const int16_t *patch, int8_t *y, int32_t blocks)
{
  op->loop(op->stream, patch, y, op, blocks);
  if (op->other != NULL) {
    op->other_loop(op->other, patch, y, op, blocks);
  }
}

/* A word of bytes anywhere: loads and stores of single words need no alignment. */
typedef struct __attribute__((packed, may_alias)) {
  uint32_t bytes;
} edgec_word_dsp;

/* Clamp finished codes. */
EDGEC_FUNCTION void edgec_narrow_dsp(int8_t *y, int32_t count, int32_t low, int32_t high)
{
  const uint32_t lows = (uint32_t)(low & 0xff) * 0x01010101u;
  const uint32_t highs = (uint32_t)(high & 0xff) * 0x01010101u;
  int8_t *const end = y + (count & ~3);
  for (; y != end; y += 4) {
    edgec_word_dsp *const word = (edgec_word_dsp *)(void *)y;
    uint32_t code = word->bytes;
    uint32_t difference;
    __asm__("ssub8 %1, %0, %2\n\tsel %0, %0, %2\n\tssub8 %1, %3, %0\n\tsel %0, %0, %3"
            : "+r"(code), "=&r"(difference)
            : "r"(lows), "r"(highs)
            : "cc");
    word->bytes = code;
  }
  for (count &= 3; count > 0; --count, ++y) {
    *y = (int8_t)(*y < low ? low : *y > high ? high : *y);
  }
}

EDGEC_INLINE void edgec_clamp_dsp(const edgec_block_dsp *op, int8_t *y, int32_t count)
{
  if (op->low > INT8_MIN || op->high < INT8_MAX) {
    edgec_narrow_dsp(y, count, op->low, op->high);
  }
}

#endif
