/* The vectors of Armv8.1-M (MVE; Cortex-M55): blocks of sums of products of bytes, and the codes that become of them.

   What the cores have is VMLADAV: 16 products of bytes and their sum, added to one of eight general registers. So a sum
   runs along the taps, 16 a step; weights beyond the last tap are 0, and what they are multiplied by may be anything.
   Channels are in a stream of groups. Of a group of C channels:
     for each step 16 weights of each channel
     bias of each channel, multipliers, 31 - shift, each a word
   A sum becomes a code by VQDMULH and VRSHL, floor(sum * multiplier / 2^31) and that / 2^(shift - 31) to nearest, half way
   up: no different from rounding the product once where the shift is 32 or more. It saturates at what a byte holds; a
   narrower clamp is applied to the finished codes.

   The loops are functions in assembly, as compilers move sums around between registers: one function for all layers. */
#ifndef EDGEC_BLOCK_MVE_H
#define EDGEC_BLOCK_MVE_H

#include "edgec/assembly.h"

#if !defined(__ARM_FEATURE_MVE)
#error "these kernels need the vectors of Armv8.1-M: compile for the core that the model was made for"
#endif

/* The channels of a layer. */
typedef struct {
  const uint32_t *stream;
  int32_t group;        /* words of a group */
  int32_t out_channels; /* from one pixel of the result to the next */
  int32_t steps;
  int32_t zero_point;
  int32_t low; /* clamp of the code */
  int32_t high;
  int32_t channels; /* that are computed at a time: all of them, or those of a group of input channels */
} edgec_block_mve;

/* Copy bytes, three instructions per 16. */
EDGEC_ASSEMBLY void edgec_copy_mve(EDGEC_ARGUMENT int8_t *to, EDGEC_ARGUMENT const int8_t *from,
                                   EDGEC_ARGUMENT int32_t count)
{
  __asm__("push {r4, lr}\n"
          "wlstp.8 lr, r2, 2f\n"
          "1:\n"
          "vldrb.8 q0, [r1], #16\n"
          "vstrb.8 q0, [r0], #16\n"
          "letp lr, 1b\n"
          "2:\n"
          "pop {r4, pc}\n");
}

/* The first `bytes` of each of `columns` columns. */
EDGEC_ASSEMBLY void edgec_copy_columns_mve(EDGEC_ARGUMENT int8_t *to, EDGEC_ARGUMENT const int8_t *from,
                                           EDGEC_ARGUMENT int32_t bytes, EDGEC_ARGUMENT int32_t columns,
                                           EDGEC_ARGUMENT int32_t to_column, EDGEC_ARGUMENT int32_t from_column)
{
  __asm__("push {r4-r7, lr}\n"
          "ldrd r4, r5, [sp, #20]\n"
          "1:\n"
          "mov r6, r0\n"
          "mov r7, r1\n"
          "dlstp.8 lr, r2\n"
          "2:\n"
          "vldrb.8 q0, [r7], #16\n"
          "vstrb.8 q0, [r6], #16\n"
          "letp lr, 2b\n"
          "add r0, r4\n"
          "add r1, r5\n"
          "subs r3, r3, #1\n"
          "bne 1b\n"
          "pop {r4-r7, pc}\n");
}

EDGEC_ASSEMBLY void edgec_fill_mve(EDGEC_ARGUMENT int8_t *to, EDGEC_ARGUMENT int32_t value,
                                   EDGEC_ARGUMENT int32_t count)
{
  __asm__("push {r4, lr}\n"
          "vdup.8 q0, r1\n"
          "wlstp.8 lr, r2, 2f\n"
          "1:\n"
          "vstrb.8 q0, [r0], #16\n"
          "letp lr, 1b\n"
          "2:\n"
          "pop {r4, pc}\n");
}

/* Clamp finished codes. */
EDGEC_ASSEMBLY void edgec_limit_mve(EDGEC_ARGUMENT int8_t *y, EDGEC_ARGUMENT int32_t count, EDGEC_ARGUMENT int32_t low,
                                    EDGEC_ARGUMENT int32_t high)
{
  __asm__("push {r4, lr}\n"
          "vdup.8 q1, r2\n"
          "vdup.8 q2, r3\n"
          "wlstp.8 lr, r1, 2f\n"
          "1:\n"
          "vldrb.8 q0, [r0]\n"
          "vmax.s8 q0, q0, q1\n"
          "vmin.s8 q0, q0, q2\n"
          "vstrb.8 q0, [r0], #16\n"
          "letp lr, 1b\n"
          "2:\n"
          "pop {r4, pc}\n");
}

/* Where the clamp is narrower than a byte. */
EDGEC_INLINE void edgec_clamp_mve(int32_t low, int32_t high, int8_t *y, int32_t count)
{
  if (low > -128 || high < 127) {
    edgec_limit_mve(y, count, low, high);
  }
}

/* A step of 2 pixels (r1, r3) by 4 channels (r9); `mla` is vmladav in the first, which begins the sums, else vmladava. */
#define EDGEC_MVE_STEP_2X4(mla)      \
  "vldrb.8 q0, [r1], #16\n"          \
  "vldrb.8 q2, [r9], #64\n"          \
  mla ".s8 r0, q0, q2\n"             \
  "vldrb.8 q1, [r3], #16\n"          \
  mla ".s8 r8, q1, q2\n"             \
  "vldrb.8 q3, [r9, #-48]\n"         \
  mla ".s8 r2, q0, q3\n"             \
  mla ".s8 r10, q1, q3\n"            \
  "vldrb.8 q2, [r9, #-32]\n"         \
  mla ".s8 r4, q0, q2\n"             \
  mla ".s8 r12, q1, q2\n"            \
  "vldrb.8 q3, [r9, #-16]\n"         \
  mla ".s8 r6, q0, q3\n"             \
  mla ".s8 lr, q1, q3\n"

/* The sums of 4 channels of one pixel (r0, r2, r4, r6) and of another (r8, r10, r12, lr), whose biases, multipliers and shifts
   are at r9, to r7 and r5. Halfwords of `zero` hold the zero point. Clobbers the sums and q0-q3. */
#define EDGEC_MVE_CODES(zero)                                                    \
  "vmov q0[2], q0[0], r0, r4\n"                                                  \
  "vldrw.32 q2, [r9], #48\n"                                                     \
  "vmov q0[3], q0[1], r2, r6\n"                                                  \
  "vldrw.32 q3, [r9, #-32]\n"                                                    \
  "vadd.i32 q0, q0, q2\n"                                                        \
  "vmov q1[2], q1[0], r8, r12\n"                                                 \
  "vqdmulh.s32 q0, q0, q3\n"                                                     \
  "vmov q1[3], q1[1], r10, lr\n"                                                 \
  "vadd.i32 q1, q1, q2\n"                                                        \
  "vldrw.32 q2, [r9, #-16]\n"                                                    \
  "vqdmulh.s32 q1, q1, q3\n"                                                     \
  "vrshl.s32 q0, q0, q2\n"                                                       \
  "vrshl.s32 q1, q1, q2\n"                                                       \
  "vqmovnb.s32 q0, q0\n" /* halfwords of both pixels by turns */                 \
  "vqmovnt.s32 q0, q1\n"                                                         \
  "vqadd.s16 q0, q0, " zero "\n"                                                 \
  "vqmovnb.s16 q0, q0\n"                                                         \
  "vstrb.32 q0, [r7], #4\n"                                                      \
  "vshr.u32 q0, q0, #16\n"                                                       \
  "vstrb.32 q0, [r5], #4\n"

/* The groups of 4 channels of a stream from `begin` to `end`, of `count` pixels of x, 2 or more, which are `pixel` bytes
   apart and read by whole steps. Two pixels at a time: 14 instructions a step, which is 128 products. Where the count is odd
   the last two are the last ones. */
EDGEC_ASSEMBLY void edgec_pixels_2x4_mve(EDGEC_ARGUMENT const edgec_block_mve *op, EDGEC_ARGUMENT const int8_t *x,
                                         EDGEC_ARGUMENT int32_t pixel, EDGEC_ARGUMENT int8_t *y,
                                         EDGEC_ARGUMENT int32_t count, EDGEC_ARGUMENT const uint32_t *begin,
                                         EDGEC_ARGUMENT const uint32_t *end)
{
  /* On the stack: 0 x of both pixels, 8 end, 12 where the loop is entered, 16 y, 20 count, 24 begin, 28 bytes of a pixel,
     32 from one pixel of y to the next, 36 from one pixel of x to the next. */
  __asm__("push {r4-r11, lr}\n"
          "vpush {d8-d9}\n"
          "sub sp, #44\n"
          "ldrd r4, r5, [r0, #8]\n" /* out_channels, steps */
          "ldr r6, [r0, #16]\n"
          "vdup.16 q4, r6\n"
          "lsl r7, r5, #4\n"
          "subs r5, r5, #1\n" /* four steps a turn, of the first so many that the last ends with the pixel */
          "adr.w r6, 9f\n"
          "beq 0f\n"
          "and r5, r5, #3\n"
          "adds r5, r5, #1\n"
          "0:\n"
          "ldrsh r5, [r6, r5, lsl #1]\n"
          "add r5, r6\n"
          "ldr r6, [sp, #96]\n" /* count */
          "ldrd r8, r9, [sp, #100]\n"
          "strd r9, r5, [sp, #8]\n"
          "strd r3, r6, [sp, #16]\n"
          "strd r8, r7, [sp, #24]\n"
          "strd r4, r2, [sp, #32]\n"
          "1:\n" /* two pixels: r1 x, r2 from one pixel of x to the next, r3 y, r4 from one of y to the next */
          "mov r7, r3\n"
          "add r3, r1, r2\n"
          "add r5, r7, r4\n"
          "strd r1, r3, [sp]\n"
          "ldrd r9, r11, [sp, #24]\n"
          "add r11, r1\n"
          "2:\n" /* a group: r1, r3 x, r9 stream, r7, r5 y, r11 x's end */
          "ldrd r1, r3, [sp]\n"
          EDGEC_MVE_STEP_2X4("vmladav")
          "ldr pc, [sp, #12]\n"
          "3:\n" EDGEC_MVE_STEP_2X4("vmladava")
          "4:\n" EDGEC_MVE_STEP_2X4("vmladava")
          "5:\n" EDGEC_MVE_STEP_2X4("vmladava")
          "6:\n" EDGEC_MVE_STEP_2X4("vmladava")
          "cmp r1, r11\n"
          "bne 3b\n"
          "7:\n"
          EDGEC_MVE_CODES("q4")
          "ldr r0, [sp, #8]\n"
          "cmp r9, r0\n"
          "bne 2b\n"
          "ldrd r3, r5, [sp, #16]\n"
          "subs r5, r5, #2\n"
          "beq 8f\n"
          "ldr r1, [sp]\n"
          "ldrd r4, r2, [sp, #32]\n"
          "cmp r5, #1\n"
          "add r1, r2\n"
          "add r3, r4\n"
          "itte ne\n"
          "addne r1, r2\n"
          "addne r3, r4\n"
          "moveq r5, #2\n"
          "strd r3, r5, [sp, #16]\n"
          "b 1b\n"
          "8:\n"
          "add sp, #44\n"
          "vpop {d8-d9}\n"
          "pop {r4-r11, pc}\n"
          ".p2align 1\n"
          "9:\n" /* for no further steps, for 4, 1, 2, 3 */
          ".short 7b - 9b + 1, 3b - 9b + 1, 6b - 9b + 1, 5b - 9b + 1, 4b - 9b + 1\n");
}

/* Sums of 2 pixels (r1, r3) by 4 channels (r9) of a single step, rescaled to vectors a and b. 27 instructions, of 64 products
   by 2. */
#define EDGEC_MVE_SINGLE_STEP(a, b)  \
  "vldrb.8 q0, [r1]\n"               \
  "vldrb.8 q2, [r9], #112\n"         \
  "vmladav.s8 r0, q0, q2\n"          \
  "vldrb.8 q1, [r3]\n"               \
  "vmladav.s8 r8, q1, q2\n"          \
  "vldrb.8 q3, [r9, #-96]\n"         \
  "vmladav.s8 r2, q0, q3\n"          \
  "vmladav.s8 r10, q1, q3\n"         \
  "vldrb.8 q2, [r9, #-80]\n"         \
  "vmladav.s8 r4, q0, q2\n"          \
  "vmladav.s8 r12, q1, q2\n"         \
  "vldrb.8 q3, [r9, #-64]\n"         \
  "vmladav.s8 r6, q0, q3\n"          \
  "vmladav.s8 lr, q1, q3\n"          \
  "vmov q0[2], q0[0], r0, r4\n"      \
  "vldrw.32 q2, [r9, #-48]\n"        \
  "vmov q0[3], q0[1], r2, r6\n"      \
  "vldrw.32 q3, [r9, #-32]\n"        \
  "vadd.i32 q0, q0, q2\n"            \
  "vmov q1[2], q1[0], r8, r12\n"     \
  "vqdmulh.s32 q0, q0, q3\n"         \
  "vmov q1[3], q1[1], r10, lr\n"     \
  "vadd.i32 q1, q1, q2\n"            \
  "vldrw.32 q2, [r9, #-16]\n"        \
  "vqdmulh.s32 q1, q1, q3\n"         \
  "vrshl.s32 " a ", q0, q2\n"        \
  "vrshl.s32 " b ", q1, q2\n"

/* The same as edgec_pixels_2x4_mve for pixels of one step and a multiple of 8 channels: of each 8, first the group of the
   even ones, then that of the odd ones, so that their codes become one vector. 66 instructions for 16 sums. */
EDGEC_ASSEMBLY void edgec_pixels_2x8_mve(EDGEC_ARGUMENT const edgec_block_mve *op, EDGEC_ARGUMENT const int8_t *x,
                                         EDGEC_ARGUMENT int32_t pixel, EDGEC_ARGUMENT int8_t *y,
                                         EDGEC_ARGUMENT int32_t count, EDGEC_ARGUMENT const uint32_t *end)
{
  /* On the stack: 0 y, 4 count, 8 begin, 12 from one pixel of y to the next, 16 from one pixel of x to the next. */
  __asm__("push {r4-r11, lr}\n"
          "vpush {d8-d13}\n"
          "sub sp, #20\n"
          "ldr r6, [r0, #16]\n"
          "vdup.16 q4, r6\n"
          "ldrd r5, r11, [sp, #104]\n" /* count, end */
          "ldr r6, [r0]\n"
          "ldr r4, [r0, #8]\n" /* out_channels */
          "strd r3, r5, [sp]\n"
          "strd r6, r4, [sp, #8]\n"
          "str r2, [sp, #16]\n"
          "1:\n" /* two pixels: r1 x, r2 from one pixel of x to the next, r3 y, r4 from one of y to the next */
          "mov r7, r3\n"
          "add r5, r7, r4\n"
          "add r3, r1, r2\n"
          "ldr r9, [sp, #8]\n"
          "2:\n" /* two groups: r1, r3 x, r9 stream, r7, r5 y, r11 the stream's end */
          EDGEC_MVE_SINGLE_STEP("q5", "q6")
          EDGEC_MVE_SINGLE_STEP("q0", "q1")
          "vqmovnb.s32 q5, q5\n"
          "vqmovnb.s32 q6, q6\n"
          "vqmovnt.s32 q5, q0\n"
          "vqmovnt.s32 q6, q1\n"
          "vqadd.s16 q5, q5, q4\n"
          "vqadd.s16 q6, q6, q4\n"
          "vqmovnb.s16 q5, q5\n"
          "vqmovnb.s16 q6, q6\n"
          "vstrb.16 q5, [r7], #8\n"
          "vstrb.16 q6, [r5], #8\n"
          "cmp r9, r11\n"
          "bne 2b\n"
          "ldrd r3, r5, [sp]\n"
          "subs r5, r5, #2\n"
          "beq 8f\n"
          "ldrd r4, r2, [sp, #12]\n"
          "cmp r5, #1\n"
          "add r1, r2\n"
          "add r3, r4\n"
          "itte ne\n"
          "addne r1, r2\n"
          "addne r3, r4\n"
          "moveq r5, #2\n"
          "strd r3, r5, [sp]\n"
          "b 1b\n"
          "8:\n"
          "add sp, #20\n"
          "vpop {d8-d13}\n"
          "pop {r4-r11, pc}\n");
}

/* The first `keep` bytes of every 2^shift go where they are `stride` bytes apart, of so many bytes in all. */
EDGEC_ASSEMBLY void edgec_spread_mve(EDGEC_ARGUMENT int8_t *to, EDGEC_ARGUMENT const int8_t *from,
                                     EDGEC_ARGUMENT int32_t keep, EDGEC_ARGUMENT int32_t stride,
                                     EDGEC_ARGUMENT int32_t shift, EDGEC_ARGUMENT int32_t bytes)
{
  __asm__("push {r4-r6, lr}\n"
          "ldrd r4, r12, [sp, #16]\n"
          "movs r6, #0\n"
          "vidup.u8 q1, r6, #1\n"
          "movs r5, #1\n"
          "lsls r5, r4\n"
          "subs r5, #1\n"
          "vdup.8 q2, r5\n"
          "vand q3, q1, q2\n" /* lanes of one piece */
          "vdup.8 q2, r2\n"
          "rsb r5, r4, #0\n"
          "vshl.u8 q1, r5\n" /* pieces */
          "vmul.i8 q1, q1, r3\n"
          "vadd.i8 q1, q1, q3\n"
          "movs r5, #16\n"
          "lsrs r5, r4\n"
          "muls r5, r3, r5\n"
          "dlstp.8 lr, r12\n"
          "1:\n"
          "vldrb.8 q0, [r1], #16\n"
          "vpt.u8 hi, q2, q3\n"
          "vstrbt.8 q0, [r0, q1]\n"
          "add r0, r5\n"
          "letp lr, 1b\n"
          "pop {r4-r6, pc}\n");
}

#define EDGEC_MVE_FEW 16

/* Fewer than 4 channels: computed as 4, of which those are kept. */
#define EDGEC_MVE_FEW_CHANNELS(name, type, pixels, shift)                                                            \
  EDGEC_FUNCTION void name(const edgec_block_mve *op, const uint32_t *stream, const type *x, int32_t pixel, type *y, \
                           int32_t count)                                                                            \
  {                                                                                                                  \
    const int32_t size = (int32_t)sizeof(type);                                                                      \
    const edgec_block_mve four = {stream, op->group, 4, op->steps, op->zero_point, op->low, op->high, 4};            \
    for (int32_t next = 0; next < count; next += EDGEC_MVE_FEW) {                                                    \
      type codes[4 * EDGEC_MVE_FEW];                                                                                 \
      const int32_t p = next < count - 2 ? next : count - 2;                                                         \
      const int32_t n = count - p < EDGEC_MVE_FEW ? count - p : EDGEC_MVE_FEW;                                       \
      pixels(&four, (const type *)(const void *)((const int8_t *)x + p * pixel), pixel, codes, n, stream,            \
             stream + op->group);                                                                                    \
      edgec_spread_mve((int8_t *)(y + p * op->out_channels), (const int8_t *)codes, op->channels * size,             \
                       op->out_channels * size, shift, n << shift);                                                  \
    }                                                                                                                \
  }

EDGEC_MVE_FEW_CHANNELS(edgec_few_channels_mve, int8_t, edgec_pixels_2x4_mve, 2)

/* The channels of a stream. Where they are no multiple of 4 its second group begins as many channels behind the first as there
   are over. */
EDGEC_FUNCTION void edgec_group_pixels_mve(const edgec_block_mve *op, const uint32_t *stream, const int8_t *x,
                                           int32_t pixel, int8_t *y, int32_t count)
{
  const int32_t over = op->channels % 4;
  const uint32_t *const end = stream + op->group * ((op->channels + 3) / 4);
  if (op->channels < 4) {
    edgec_few_channels_mve(op, stream, x, pixel, y, count);
    return;
  }
  if (over > 0) {
    edgec_pixels_2x4_mve(op, x, pixel, y, count, stream, stream + op->group);
    stream += op->group;
  }
  edgec_pixels_2x4_mve(op, x, pixel, y + over, count, stream, end);
}

/* All channels. Those of a single step that are a multiple of 8 are in another order (edgec_pixels_2x8_mve). */
EDGEC_FUNCTION void edgec_pixels_mve(const edgec_block_mve *op, const int8_t *x, int32_t pixel, int8_t *y, int32_t count)
{
  if (op->steps == 1 && op->channels % 8 == 0 && op->channels == op->out_channels) {
    edgec_pixels_2x8_mve(op, x, pixel, y, count, op->stream + op->group * (op->channels / 4));
  } else {
    edgec_group_pixels_mve(op, op->stream, x, pixel, y, count);
  }
}

#endif
