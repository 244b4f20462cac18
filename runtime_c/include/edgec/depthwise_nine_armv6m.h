/* Depthwise 3x3 convolution of bytes on Armv6-M with nine outputs, 3x3: all sums of a channel stay in registers.

   With so few outputs most of what depthwise_armv6m.h takes is not products. Here a channel lies on the stack with its
   padding, a word an element, and each weight is loaded once for all nine sums. */
#ifndef EDGEC_DEPTHWISE_NINE_ARMV6M_H
#define EDGEC_DEPTHWISE_NINE_ARMV6M_H

#include "edgec/depthwise_armv6m.h"

typedef struct {
  const edgec_channel_armv6m *stream;
  int32_t x_zero;
  int32_t first;    /* from the beginning of a channel's words to that of its first element that is no padding */
  const edgec_channel_armv6m *end;
  int32_t skipped;  /* bytes of code for the elements that a row has less than the words of one */
  int32_t elements; /* bytes from a channel's first element to behind its last */
  int32_t padding;  /* bytes of words between the elements of two rows */
  int32_t pixel;    /* the channels */
} edgec_depthwise_nine_armv6m;

/* r5-r12, lr: the sums, r2: weight. */
#define EDGEC_ARMV6M_NINE_TAP(place, sum) \
  "ldr r1, [sp, #4*(" place ")]\n"              \
  "muls r1, r2, r1\n"                           \
  "add " sum ", r1\n"

#define EDGEC_ARMV6M_NINE_ROW(side, step, row, a, b, c)                           \
  EDGEC_ARMV6M_NINE_TAP(#side "*(\\ky+" #step "*" #row ")+\\kx", a)             \
  EDGEC_ARMV6M_NINE_TAP(#side "*(\\ky+" #step "*" #row ")+\\kx+" #step, b)      \
  EDGEC_ARMV6M_NINE_TAP(#side "*(\\ky+" #step "*" #row ")+\\kx+2*" #step, c)

#define EDGEC_ARMV6M_NINE_CODE(n) \
  EDGEC_ARMV6M_CODE(n)            \
  "strb r0, [r7]\n"               \
  "adds r7, r7, r6\n"

/* Words of a channel: side * side. Behind them on the stack: 0: op, 4: stream, 8: x, 12: y, 16: the end of the stream, 20:
   pixel, 24, 28: sums. */
#define EDGEC_ARMV6M_NINE(side, step, area, frame)        \
  EDGEC_ARMV6M_ENTER(frame)                               \
  "str r0, [sp, #" #area "]\n"                            \
  "str r1, [sp, #" #area "+8]\n"                          \
  "str r2, [sp, #" #area "+12]\n"                         \
  "ldm r0!, {r1, r2, r3, r4}\n"                           \
  "str r1, [sp, #" #area "+4]\n"                          \
  "str r4, [sp, #" #area "+16]\n"                         \
  "mov r7, sp\n"                                          \
  "add r6, sp, #" #area "\n"                              \
  "1:\n"                                                  \
  "stm r7!, {r2}\n"                                       \
  "cmp r7, r6\n"                                          \
  "bne 1b\n"                                              \
  "ldr r1, [r0, #12]\n"                                   \
  "str r1, [sp, #" #area "+20]\n"                         \
  /* A channel. */                                        \
  "1:\n"                                                  \
  "ldr r0, [sp, #" #area "]\n"                            \
  "ldr r1, [sp, #" #area "+8]\n"                          \
  "adds r2, r1, #1\n"                                     \
  "str r2, [sp, #" #area "+8]\n"                          \
  "ldr r2, [r0, #8]\n"                                    \
  "mov r6, sp\n"                                          \
  "adds r6, r6, r2\n"                                     \
  "adds r0, #16\n"                                        \
  "ldm r0!, {r2, r3, r4, r7}\n"                           \
  "mov r12, r2\n"                                         \
  "movs r2, #0\n"                                         \
  "2:\n"                                                  \
  "add pc, r12\n"                                         \
  "nop\n"                                                 \
  ".rept " #side "\n"                                     \
  "ldrsb r5, [r1, r2]\n"                                  \
  "stm r6!, {r5}\n"                                       \
  "adds r2, r2, r7\n"                                     \
  ".endr\n"                                               \
  "adds r6, r6, r4\n"                                     \
  "cmp r2, r3\n"                                          \
  "bne 2b\n"                                              \
  "ldr r0, [sp, #" #area "+4]\n"                          \
  "ldm r0!, {r5}\n"                                       \
  "movs r6, r5\n"                                         \
  "movs r7, r5\n"                                         \
  ".irp sum, r8, r9, r10, r11, r12, lr\n"                 \
  "mov \\sum, r5\n"                                       \
  ".endr\n"                                               \
  ".irp ky, 0, 1, 2\n"                                    \
  ".irp kx, 0, 1, 2\n"                                    \
  "movs r2, #12+3*\\ky+\\kx\n"                            \
  "ldrsb r2, [r0, r2]\n"                                  \
  EDGEC_ARMV6M_NINE_ROW(side, step, 0, "r5", "r6", "r7")  \
  EDGEC_ARMV6M_NINE_ROW(side, step, 1, "r8", "r9", "r10") \
  EDGEC_ARMV6M_NINE_ROW(side, step, 2, "r11", "r12", "lr")\
  ".endr\n"                                               \
  ".endr\n"                                               \
  "str r6, [sp, #" #area "+24]\n"                         \
  "str r7, [sp, #" #area "+28]\n"                         \
  "ldm r0!, {r1, r2, r3}\n"                               \
  "adds r0, #12\n"                                        \
  "str r0, [sp, #" #area "+4]\n"                          \
  "lsrs r4, r2, #14\n"                                    \
  "lsls r2, r2, #18\n"                                    \
  "lsrs r2, r2, #18\n"                                    \
  "ldr r7, [sp, #" #area "+12]\n"                         \
  "adds r6, r7, #1\n"                                     \
  "str r6, [sp, #" #area "+12]\n"                         \
  "ldr r6, [sp, #" #area "+20]\n"                         \
  EDGEC_ARMV6M_NINE_CODE(1)                               \
  "ldr r5, [sp, #" #area "+24]\n"                         \
  EDGEC_ARMV6M_NINE_CODE(2)                               \
  "ldr r5, [sp, #" #area "+28]\n"                         \
  EDGEC_ARMV6M_NINE_CODE(3)                               \
  "mov r5, r8\n"                                          \
  EDGEC_ARMV6M_NINE_CODE(4)                               \
  "mov r5, r9\n"                                          \
  EDGEC_ARMV6M_NINE_CODE(5)                               \
  "mov r5, r10\n"                                         \
  EDGEC_ARMV6M_NINE_CODE(6)                               \
  "mov r5, r11\n"                                         \
  EDGEC_ARMV6M_NINE_CODE(7)                               \
  "mov r5, r12\n"                                         \
  EDGEC_ARMV6M_NINE_CODE(8)                               \
  "mov r5, lr\n"                                          \
  EDGEC_ARMV6M_NINE_CODE(9)                               \
  "ldr r0, [sp, #" #area "+4]\n"                          \
  "ldr r1, [sp, #" #area "+16]\n"                         \
  "cmp r0, r1\n"                                          \
  "beq 3f\n"                                              \
  "b 1b\n"                                                \
  "3:\n"                                                  \
  EDGEC_ARMV6M_LEAVE(frame)                               \
  EDGEC_ARMV6M_BEYOND(1)                                  \
  EDGEC_ARMV6M_BEYOND(2)                                  \
  EDGEC_ARMV6M_BEYOND(3)                                  \
  EDGEC_ARMV6M_BEYOND(4)                                  \
  EDGEC_ARMV6M_BEYOND(5)                                  \
  EDGEC_ARMV6M_BEYOND(6)                                  \
  EDGEC_ARMV6M_BEYOND(7)                                  \
  EDGEC_ARMV6M_BEYOND(8)                                  \
  EDGEC_ARMV6M_BEYOND(9)

/* An image in steps of one. */
EDGEC_ASSEMBLY void edgec_nine_armv6m(EDGEC_ARGUMENT const edgec_depthwise_nine_armv6m *op, EDGEC_ARGUMENT const int8_t *x,
                                      EDGEC_ARGUMENT int8_t *y)
{
  __asm__(EDGEC_ARMV6M_NINE(5, 1, 100, 132));
}

/* In steps of two. */
EDGEC_ASSEMBLY void edgec_nine2_armv6m(EDGEC_ARGUMENT const edgec_depthwise_nine_armv6m *op,
                                       EDGEC_ARGUMENT const int8_t *x, EDGEC_ARGUMENT int8_t *y)
{
  __asm__(EDGEC_ARMV6M_NINE(7, 2, 196, 228));
}

EDGEC_BLOCK_KERNEL void edgec_depthwise_nine_armv6m_i8(const edgec_depthwise_nine_armv6m *op, int32_t stride,
                                                       const int8_t *x, int8_t *y)
{
  (stride == 1 ? edgec_nine_armv6m : edgec_nine2_armv6m)(op, x, y);
  EDGEC_EFFECT();
}

#endif
