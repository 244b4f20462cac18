/* Depthwise 3x3 convolution of bytes on Armv6-M: channel by channel, two rows of output at a time.

   A channel is spread out with its padding, into words of two pixels, a + 65536 * b, as in block_armv6m.h: a row and the one
   half an image below. Of 3x3 taps those of a row are a segment where that is proven to fit, else two taps are. */
#ifndef EDGEC_DEPTHWISE_ARMV6M_H
#define EDGEC_DEPTHWISE_ARMV6M_H

#include "edgec/assembly_armv6m.h"

/* A channel; the codes are those of assembly_armv6m.h. */
typedef struct {
  int32_t bias; /* less what sums count from */
  int32_t whole;
  uint32_t part; /* 14 bits, and `last` above */
  int32_t begin;
  int8_t weights[9];
  uint8_t more; /* 2: segments are of two taps, five instead of three; else 0 */
  uint8_t nothing[2];
} edgec_channel_armv6m;

typedef struct {
  const edgec_channel_armv6m *stream;
  int32_t channels;
  int32_t height;
  int32_t width;
  int32_t stride; /* vertical */
  int32_t pad_top;
  int32_t pad_left;
  int32_t lower;   /* rows of output from the upper one to the lower one of a pair */
  int32_t columns; /* of a channel, padding included */
  int32_t x_zero;
  /* What the compute function reads, in bytes. */
  struct {
    int32_t below;     /* from the end of four words of a row to the next row */
    int32_t lane;      /* from a result to that of the lower row */
    int32_t out_pixel; /* from a result to the next */
    int32_t out_last;  /* from the first result of a row to the last one */
    int32_t rows;      /* pairs of rows */
    int32_t down;      /* from a row's words to those of the next row of output */
    int32_t out_row;
  } plane;
} edgec_depthwise_armv6m;

/* --- spreading ----------------------------------------------------------------------------------------------------- */

typedef struct {
  const int8_t *upper, *lower;
} edgec_row_pair_armv6m;

typedef struct {
  const edgec_row_pair_armv6m *rows, *end;
  int32_t row;     /* bytes of a row of input */
  int32_t pixel;   /* bytes from one element to the next */
  int32_t padding; /* bytes of words between rows */
  int32_t skipped; /* 12 bytes of code, for a single element of a row, unless the number of these is odd */
} edgec_spread_armv6m;

/* Two elements as a word. */
#define EDGEC_ARMV6M_PAIR(to)        \
  "ldrsb r5, [r1, r2]\n"             \
  "ldrsb " to ", [r0, r2]\n"         \
  "lsls r5, r5, #16\n"               \
  "adds " to ", " to ", r5\n"        \
  "adds r2, r2, r3\n"

/* The elements of a channel as words, at least two of a row. 12 instructions for two words. */
EDGEC_ASSEMBLY void edgec_spread_armv6m_i8(EDGEC_ARGUMENT const edgec_spread_armv6m *op, EDGEC_ARGUMENT int32_t channel,
                                           EDGEC_ARGUMENT int32_t *words)
{
  __asm__(EDGEC_ARMV6M_ENTER(0)
          "movs r6, r2\n"
          "ldm r0!, {r2, r3, r4, r5}\n"
          "mov r10, r3\n"
          "movs r3, r5\n"
          "ldm r0!, {r5, r7}\n"
          "mov lr, r5\n"
          "mov r12, r7\n"
          "adds r1, r1, r4\n"
          "mov r9, r1\n"
          "rsbs r4, r4, #0\n"
          "mov r11, r4\n"
          "1:\n"
          "ldm r2!, {r0, r1}\n"
          "mov r8, r2\n"
          "add r0, r9\n"
          "add r1, r9\n"
          "mov r2, r11\n"
          "add pc, r12\n"
          "nop\n"
          EDGEC_ARMV6M_PAIR("r4")
          "stm r6!, {r4}\n"
          "2:\n"
          EDGEC_ARMV6M_PAIR("r4")
          EDGEC_ARMV6M_PAIR("r7")
          "stm r6!, {r4, r7}\n"
          "bne 2b\n"
          "mov r2, r8\n"
          "add r6, lr\n"
          "cmp r2, r10\n"
          "bne 1b\n"
          EDGEC_ARMV6M_LEAVE(0));
}

/* --- computing ----------------------------------------------------------------------------------------------------- */

/* r0: words, r1-r4: four of them, r5: weight, r8, r10: sums of the upper row, r9, r11: of the lower one, r12: out_pixel,
   lr: 32768. */
/* At the end of a segment, for two outputs in neighbouring columns. */
#define EDGEC_ARMV6M_DRAIN              \
  ".macro edgec_drain first, second\n"  \
  "add \\first, lr\n"                   \
  "add r8, \\first\n"                   \
  "asrs \\first, \\first, #16\n"        \
  "add r9, \\first\n"                   \
  "add \\second, lr\n"                  \
  "add r10, \\second\n"                 \
  "asrs \\second, \\second, #16\n"      \
  "add r11, \\second\n"                 \
  ".endm\n"

#define EDGEC_ARMV6M_BELOW \
  "ldr r5, [sp, #68]\n"    \
  "adds r0, r0, r5\n"

/* The first, second and third tap of a row, at `w` on the stack: products of the first output stay where its words were, r1,
   r2, r3, those of the second one go to `to`. */
#define EDGEC_ARMV6M_LOAD "ldm r0!, {r1, r2, r3, r4}\n"

#define EDGEC_ARMV6M_FIRST(w, to) \
  "ldr r5, [sp, #" #w "]\n"       \
  "muls r1, r5, r1\n"             \
  "movs " to ", r2\n"             \
  "muls " to ", r5, " to "\n"

#define EDGEC_ARMV6M_SECOND(w, to) \
  "ldr r5, [sp, #" #w "]\n"        \
  "muls r2, r5, r2\n"              \
  "movs " to ", r3\n"              \
  "muls " to ", r5, " to "\n"

/* Of the second output in r4. */
#define EDGEC_ARMV6M_THIRD(w) \
  "ldr r5, [sp, #" #w "]\n"   \
  "muls r3, r5, r3\n"         \
  "muls r4, r5, r4\n"

/* The same for outputs two columns apart. */
#define EDGEC_ARMV6M_FIRST_OF_2(w, to) \
  "ldr r5, [sp, #" #w "]\n"            \
  "muls r1, r5, r1\n"                  \
  "movs " to ", r3\n"                  \
  "muls " to ", r5, " to "\n"

#define EDGEC_ARMV6M_SECOND_OF_2(w, to) \
  "ldr r5, [sp, #" #w "]\n"             \
  "muls r2, r5, r2\n"                   \
  "movs " to ", r4\n"                   \
  "muls " to ", r5, " to "\n"

#define EDGEC_ARMV6M_THIRD_OF_2(w) \
  "ldr r5, [sp, #" #w "]\n"        \
  "ldr r4, [r0]\n"                 \
  "muls r3, r5, r3\n"              \
  "muls r4, r5, r4\n"

#define EDGEC_ARMV6M_BY_ROW(first, second, third) \
  ".irp w, 0, 12, 24\n"                           \
  EDGEC_ARMV6M_LOAD                               \
  first(\\w, "r7")                                \
  second(\\w+4, "r6")                             \
  "adds r1, r1, r2\n"                             \
  "adds r7, r7, r6\n"                             \
  third(\\w+8)                                    \
  "adds r1, r1, r3\n"                             \
  "adds r7, r7, r4\n"                             \
  "edgec_drain r1, r7\n"                          \
  ".if \\w < 24\n"                                \
  EDGEC_ARMV6M_BELOW                              \
  ".endif\n"                                      \
  ".endr\n"

#define EDGEC_ARMV6M_BY_TWO(first, second, third) \
  EDGEC_ARMV6M_LOAD                               \
  first(0, "r7")                                  \
  second(4, "r6")                                 \
  "adds r1, r1, r2\n"                             \
  "adds r7, r7, r6\n"                             \
  "edgec_drain r1, r7\n"                          \
  third(8)                                        \
  "movs r6, r3\n"                                 \
  "movs r7, r4\n"                                 \
  EDGEC_ARMV6M_BELOW                              \
  EDGEC_ARMV6M_LOAD                               \
  "ldr r5, [sp, #12]\n"                           \
  "muls r1, r5, r1\n"                             \
  "adds r6, r6, r1\n"                             \
  first##_COPY                                    \
  "muls r1, r5, r1\n"                             \
  "adds r7, r7, r1\n"                             \
  "edgec_drain r6, r7\n"                          \
  second(16, "r6")                                \
  third(20)                                       \
  "adds r2, r2, r3\n"                             \
  "adds r6, r6, r4\n"                             \
  "edgec_drain r2, r6\n"                          \
  EDGEC_ARMV6M_BELOW                              \
  EDGEC_ARMV6M_LOAD                               \
  first(24, "r7")                                 \
  second(28, "r6")                                \
  "adds r1, r1, r2\n"                             \
  "adds r7, r7, r6\n"                             \
  "edgec_drain r1, r7\n"                          \
  third(32)                                       \
  "edgec_drain r3, r4\n"

#define EDGEC_ARMV6M_FIRST_COPY "movs r1, r2\n"
#define EDGEC_ARMV6M_FIRST_OF_2_COPY "movs r1, r3\n"

/* The stack: 0: weights, 36: what the sums of upper rows begin at, 40: of lower rows, 44: codes, 60: words,
   64: y of a row's last result, 68: below, 72: more, 76: lane, 80: rows, 84: words of the row, 88: y of the row, 92: op, 96: y. */
#define EDGEC_ARMV6M_PLANE(first, second, third, step)     \
  EDGEC_ARMV6M_DRAIN                                       \
  EDGEC_ARMV6M_ENTER(104)                                  \
  "str r2, [sp, #84]\n"                                    \
  "str r3, [sp, #88]\n"                                    \
  "str r0, [sp, #92]\n"                                    \
  "ldm r1!, {r2, r3, r4, r5}\n"                            \
  "str r2, [sp, #40]\n"                                    \
  "str r3, [sp, #44]\n"                                    \
  "str r5, [sp, #52]\n"                                    \
  "lsrs r3, r4, #14\n"                                     \
  "lsls r4, #18\n"                                         \
  "lsrs r4, #18\n"                                         \
  "str r4, [sp, #48]\n"                                    \
  "str r3, [sp, #56]\n"                                    \
  "ldrb r4, [r1, #9]\n"                                    \
  "str r4, [sp, #72]\n"                                    \
  "adds r4, #3\n"                                          \
  "lsls r4, #15\n"                                         \
  "lsls r3, r2, #16\n"                                     \
  "adds r2, r2, r3\n"                                      \
  "subs r2, r2, r4\n"                                      \
  "str r2, [sp, #36]\n"                                    \
  "mov r7, sp\n"                                           \
  "movs r2, #0\n"                                          \
  ".rept 3\n"                                              \
  ".irp to, r3, r4, r5\n"                                  \
  "ldrsb \\to, [r1, r2]\n"                                 \
  "adds r2, #1\n"                                          \
  ".endr\n"                                                \
  "stm r7!, {r3, r4, r5}\n"                                \
  ".endr\n"                                                \
  "movs r2, #128\n"                                        \
  "lsls r2, #8\n"                                          \
  "mov lr, r2\n"                                           \
  "ldm r0!, {r2, r3, r4}\n"                                \
  "str r2, [sp, #68]\n"                                    \
  "str r3, [sp, #76]\n"                                    \
  "mov r12, r4\n"                                          \
  "ldr r2, [r0, #4]\n"                                     \
  "str r2, [sp, #80]\n"                                    \
  /* A row. */                                             \
  "2:\n"                                                   \
  "ldr r0, [sp, #92]\n"                                    \
  "ldr r1, [sp, #84]\n"                                    \
  "ldr r2, [sp, #88]\n"                                    \
  "ldr r3, [r0, #12]\n"                                    \
  "str r1, [sp, #60]\n"                                    \
  "str r2, [sp, #96]\n"                                    \
  "adds r3, r3, r2\n"                                      \
  "str r3, [sp, #64]\n"                                    \
  "ldr r3, [r0, #20]\n"                                    \
  "adds r1, r1, r3\n"                                      \
  "ldr r3, [r0, #24]\n"                                    \
  "str r1, [sp, #84]\n"                                    \
  "adds r2, r2, r3\n"                                      \
  "str r2, [sp, #88]\n"                                    \
  "b 3f\n"                                                 \
  "4:\n"                                                   \
  EDGEC_ARMV6M_BY_TWO(first, second, third)                \
  "b 5f\n"                                                 \
  /* Two columns of it. */                                 \
  "3:\n"                                                   \
  "ldr r0, [sp, #60]\n"                                    \
  "ldr r5, [sp, #36]\n"                                    \
  "ldr r6, [sp, #40]\n"                                    \
  "movs r1, r0\n"                                          \
  "adds r1, #" #step "\n"                                  \
  "str r1, [sp, #60]\n"                                    \
  "ldr r7, [sp, #72]\n"                                    \
  "mov r8, r5\n"                                           \
  "mov r10, r5\n"                                          \
  "mov r9, r6\n"                                           \
  "mov r11, r6\n"                                          \
  "cmp r7, #0\n"                                           \
  "bne 4b\n"                                               \
  EDGEC_ARMV6M_BY_ROW(first, second, third)                \
  "5:\n"                                                   \
  "add r7, sp, #44\n"                                      \
  "ldm r7!, {r1, r2, r3, r4}\n"                            \
  "ldr r7, [sp, #96]\n"                                    \
  "ldr r6, [sp, #76]\n"                                    \
  "mov r0, r9\n"                                           \
  "lsls r0, #16\n"                                         \
  "mov r5, r8\n"                                           \
  "subs r5, r5, r0\n"                                      \
  EDGEC_ARMV6M_CODE(1)                                     \
  "strb r0, [r7]\n"                                        \
  "mov r5, r9\n"                                           \
  EDGEC_ARMV6M_CODE(2)                                     \
  "strb r0, [r7, r6]\n"                                    \
  "mov r0, r11\n"                                          \
  "add r7, r12\n"                                          \
  "lsls r0, #16\n"                                         \
  "mov r5, r10\n"                                          \
  "subs r5, r5, r0\n"                                      \
  EDGEC_ARMV6M_CODE(3)                                     \
  "strb r0, [r7]\n"                                        \
  "mov r5, r11\n"                                          \
  EDGEC_ARMV6M_CODE(4)                                     \
  "strb r0, [r7, r6]\n"                                    \
  "ldr r5, [sp, #64]\n"                                    \
  "add r7, r12\n"                                          \
  "str r7, [sp, #96]\n"                                    \
  "cmp r7, r5\n"                                           \
  "bhs 6f\n"                                               \
  "b 3b\n"                                                 \
  EDGEC_ARMV6M_BEYOND(1)                                   \
  EDGEC_ARMV6M_BEYOND(2)                                   \
  EDGEC_ARMV6M_BEYOND(3)                                   \
  EDGEC_ARMV6M_BEYOND(4)                                   \
  "6:\n"                                                   \
  "bne 9f\n"                                               \
  /* A single column is left: the last two once more. */   \
  "ldr r0, [sp, #60]\n"                                    \
  "mov r1, r12\n"                                          \
  "subs r0, #" #step " / 2\n"                              \
  "subs r7, r7, r1\n"                                      \
  "str r0, [sp, #60]\n"                                    \
  "str r7, [sp, #96]\n"                                    \
  "b 3b\n"                                                 \
  "9:\n"                                                   \
  "ldr r0, [sp, #80]\n"                                    \
  "subs r0, #1\n"                                          \
  "str r0, [sp, #80]\n"                                    \
  "beq 9f\n"                                               \
  "b 2b\n"                                                 \
  "9:\n"                                                   \
  EDGEC_ARMV6M_LEAVE(104)                                  \
  ".purgem edgec_drain\n"

/* The results of a channel, columns of input one apart. */
EDGEC_ASSEMBLY void edgec_plane_armv6m(EDGEC_ARGUMENT const void *plane, EDGEC_ARGUMENT const edgec_channel_armv6m *channel,
                                       EDGEC_ARGUMENT const int32_t *words, EDGEC_ARGUMENT int8_t *y)
{
  __asm__(EDGEC_ARMV6M_PLANE(EDGEC_ARMV6M_FIRST, EDGEC_ARMV6M_SECOND, EDGEC_ARMV6M_THIRD, 8));
}

/* Two apart. */
EDGEC_ASSEMBLY void edgec_plane2_armv6m(EDGEC_ARGUMENT const void *plane, EDGEC_ARGUMENT const edgec_channel_armv6m *channel,
                                        EDGEC_ARGUMENT const int32_t *words, EDGEC_ARGUMENT int8_t *y)
{
  __asm__(EDGEC_ARMV6M_PLANE(EDGEC_ARMV6M_FIRST_OF_2, EDGEC_ARMV6M_SECOND_OF_2, EDGEC_ARMV6M_THIRD_OF_2, 16));
}

/* An image; `stride` is the horizontal one, 1 or 2. Scratch: words of a channel, row pointers, a row of padding. */
EDGEC_BLOCK_KERNEL void edgec_depthwise_armv6m_i8(const edgec_depthwise_armv6m *op, int32_t stride, const int8_t *x, int8_t *y,
                                              void *scratch)
{
  const int32_t rows = (op->plane.rows - 1) * op->stride + 3;
  const int32_t row = op->width * op->channels;
  int32_t *const words = (int32_t *)scratch;
  edgec_row_pair_armv6m *const pairs = (edgec_row_pair_armv6m *)(void *)(words + rows * op->columns);
  int8_t *const padding = (int8_t *)(pairs + rows);
  for (int32_t i = 0; i < rows * op->columns; ++i) {
    words[i] = op->x_zero * 65537;
  }
  for (int32_t i = 0; i < row; ++i) {
    padding[i] = (int8_t)op->x_zero;
  }
  for (int32_t i = 0; i < rows; ++i) {
    const int32_t upper = i - op->pad_top;
    const int32_t lower = upper + op->lower * op->stride;
    pairs[i].upper = upper >= 0 && upper < op->height ? x + upper * row : padding;
    pairs[i].lower = lower >= 0 && lower < op->height ? x + lower * row : padding;
  }
  const edgec_spread_armv6m spread = {
      pairs, pairs + rows, row, op->channels, (op->columns - op->width) * 4, op->width % 2 == 0 ? 12 : 0};
  for (int32_t c = 0; c < op->channels; ++c) {
    edgec_spread_armv6m_i8(&spread, c, words + op->pad_left);
    (stride == 1 ? edgec_plane_armv6m : edgec_plane2_armv6m)(&op->plane, op->stream + c, words, y + c);
  }
}

#endif
