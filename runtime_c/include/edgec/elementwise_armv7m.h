/* Sums and differences of two tensors of bytes of one shape on Armv7-M without the DSP extension. */
#ifndef EDGEC_ELEMENTWISE_ARMV7M_H
#define EDGEC_ELEMENTWISE_ARMV7M_H

#include "edgec/assembly_armv6m.h"

/* `begin` makes up for all zero points and for rounding. */
typedef struct {
  int32_t a_multiplier;
  int32_t b_multiplier;
  int32_t begin;
  int32_t shift;
} edgec_add_armv7m;

#define EDGEC_ARMV7M_ADD(a, b)           \
  "mla " a ", " a ", r6, r8\n"           \
  "mla " a ", " b ", r7, " a "\n"        \
  "asr " a ", " a ", r9\n"               \
  "ssat " a ", #8, " a "\n"              \
  "strb " a ", [r3], #1\n"

/* y = saturate((a * a_multiplier + b * b_multiplier + begin) >> shift), two at a time; y may be a or b. */
EDGEC_ASSEMBLY void edgec_add_bytes_armv7m(EDGEC_ARGUMENT const edgec_add_armv7m *op, EDGEC_ARGUMENT const int8_t *a,
                                           EDGEC_ARGUMENT const int8_t *b, EDGEC_ARGUMENT int8_t *y,
                                           EDGEC_ARGUMENT int32_t count)
{
  __asm__(".syntax unified\n"
          "push {r4-r11, lr}\n"
          "ldr r12, [sp, #36]\n"
          "ldm r0, {r6-r9}\n"
          "ands lr, r12, #1\n"
          "beq 2f\n"
          "ldrsb r4, [r1], #1\n"
          "ldrsb r5, [r2], #1\n"
          EDGEC_ARMV7M_ADD("r4", "r5")
          "2:\n"
          "lsrs r12, r12, #1\n"
          "beq 3f\n"
          "1:\n"
          "ldrsb r4, [r1], #1\n"
          "ldrsb r5, [r2], #1\n"
          "ldrsb r10, [r1], #1\n"
          "ldrsb r11, [r2], #1\n"
          EDGEC_ARMV7M_ADD("r4", "r5")
          EDGEC_ARMV7M_ADD("r10", "r11")
          "subs r12, r12, #1\n"
          "bne 1b\n"
          "3:\n"
          "pop {r4-r11, pc}\n");
}

EDGEC_BLOCK_KERNEL void edgec_add_armv7m_i8(const edgec_add_armv7m *op, const int8_t *a, const int8_t *b, int8_t *y,
                                            int32_t count)
{
  edgec_add_bytes_armv7m(op, a, b, y, count);
  EDGEC_EFFECT();
}

#endif
