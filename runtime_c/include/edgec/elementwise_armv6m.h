/* Elementwise functions of bytes on Armv6-M: sums, products, tables. Four elements a turn, the first turn has what is left. */
#ifndef EDGEC_ELEMENTWISE_ARMV6M_H
#define EDGEC_ELEMENTWISE_ARMV6M_H

#include "edgec/assembly_armv6m.h"

/* A sum begins so that it is 0 where the smallest code does: u. Where u is from 0 to `last`, the code is
   low + (u >> shift), of any other that of 0 or `last`. */
typedef struct {
  int32_t a_multiplier;
  int32_t b_multiplier;
  int32_t begin;
  int32_t last;
  int32_t shift;
  int32_t low;
} edgec_add_armv6m;

/* r0: minus the elements left, r1-r3: ends of a, b, y, r6, r7: multipliers, r8: begin, r9: last, r10: shift, r11: low. */
#define EDGEC_ARMV6M_ADD(n)  \
  "ldrsb r4, [r1, r0]\n"     \
  "ldrsb r5, [r2, r0]\n"     \
  "muls r4, r6, r4\n"        \
  "muls r5, r7, r5\n"        \
  "add r4, r8\n"             \
  "adds r5, r5, r4\n"        \
  "cmp r5, r9\n"             \
  "bhi 7" #n "f\n"           \
  "6" #n ":\n"               \
  "mov r4, r10\n"            \
  "lsrs r5, r4\n"            \
  "add r5, r11\n"            \
  "8" #n ":\n"               \
  "strb r5, [r3, r0]\n"      \
  "adds r0, #1\n"

#define EDGEC_ARMV6M_ADD_BEYOND(n) \
  "7" #n ":\n"                     \
  "cmp r5, #0\n"                   \
  "mov r5, r9\n"                   \
  "bge 6" #n "b\n"                 \
  "mov r5, r11\n"                  \
  "b 8" #n "b\n"

/* y may be a or b. */
EDGEC_ASSEMBLY void edgec_add_bytes_armv6m(EDGEC_ARGUMENT const edgec_add_armv6m *op, EDGEC_ARGUMENT const int8_t *a,
                                           EDGEC_ARGUMENT const int8_t *b, EDGEC_ARGUMENT int8_t *y,
                                           EDGEC_ARGUMENT int32_t count)
{
  __asm__(EDGEC_ARMV6M_ENTER(0)
          "ldm r0!, {r6, r7}\n"
          "ldm r0!, {r4, r5}\n"
          "mov r8, r4\n"
          "mov r9, r5\n"
          "ldm r0!, {r4, r5}\n"
          "mov r10, r4\n"
          "mov r11, r5\n"
          EDGEC_ARMV6M_RUN(36, "r1, r2, r3", 26, EDGEC_ARMV6M_ADD)
          EDGEC_ARMV6M_LEAVE(0)
          EDGEC_ARMV6M_ADD_BEYOND(1)
          EDGEC_ARMV6M_ADD_BEYOND(2)
          EDGEC_ARMV6M_ADD_BEYOND(3)
          EDGEC_ARMV6M_ADD_BEYOND(4));
}

EDGEC_BLOCK_KERNEL void edgec_add_armv6m_i8(const edgec_add_armv6m *op, const int8_t *a, const int8_t *b, int8_t *y,
                                            int32_t count)
{
  edgec_add_bytes_armv6m(op, a, b, y, count);
  EDGEC_EFFECT();
}

/* u is (a + a_begin) * (b + b_begin) + begin; the code is that of assembly_armv6m.h. */
typedef struct {
  int32_t whole;
  int32_t part;
  int32_t a_begin;
  int32_t b_begin;
  int32_t begin;
  int32_t last;
  int32_t code; /* what the code begins at */
} edgec_mul_armv6m;

/* As for a sum, but r6: whole, r7: part, r8: a_begin, r9: b_begin, r10: begin, r11: last, r12: code. */
#define EDGEC_ARMV6M_MUL(n)  \
  "ldrsb r4, [r1, r0]\n"     \
  "ldrsb r5, [r2, r0]\n"     \
  "add r4, r8\n"             \
  "add r5, r9\n"             \
  "muls r5, r4, r5\n"        \
  "add r5, r10\n"            \
  "cmp r5, r11\n"            \
  "bhi 7" #n "f\n"           \
  "6" #n ":\n"               \
  "movs r4, r5\n"            \
  "muls r4, r6, r4\n"        \
  "muls r5, r7, r5\n"        \
  "lsrs r5, r5, #14\n"       \
  "add r4, r12\n"            \
  "adds r5, r5, r4\n"        \
  "lsrs r5, r5, #24\n"       \
  "strb r5, [r3, r0]\n"      \
  "adds r0, #1\n"

#define EDGEC_ARMV6M_MUL_BEYOND(n) \
  "7" #n ":\n"                     \
  "cmp r5, #0\n"                   \
  "mov r5, r11\n"                  \
  "bge 6" #n "b\n"                 \
  "movs r5, #0\n"                  \
  "b 6" #n "b\n"

/* y may be a or b. */
EDGEC_ASSEMBLY void edgec_mul_bytes_armv6m(EDGEC_ARGUMENT const edgec_mul_armv6m *op, EDGEC_ARGUMENT const int8_t *a,
                                           EDGEC_ARGUMENT const int8_t *b, EDGEC_ARGUMENT int8_t *y,
                                           EDGEC_ARGUMENT int32_t count)
{
  __asm__(EDGEC_ARMV6M_ENTER(0)
          "ldm r0!, {r6, r7}\n"
          "ldm r0!, {r4, r5}\n"
          "mov r8, r4\n"
          "mov r9, r5\n"
          "ldm r0!, {r4, r5}\n"
          "mov r10, r4\n"
          "mov r11, r5\n"
          "ldr r4, [r0]\n"
          "mov r12, r4\n"
          EDGEC_ARMV6M_RUN(36, "r1, r2, r3", 34, EDGEC_ARMV6M_MUL)
          EDGEC_ARMV6M_LEAVE(0)
          EDGEC_ARMV6M_MUL_BEYOND(1)
          EDGEC_ARMV6M_MUL_BEYOND(2)
          EDGEC_ARMV6M_MUL_BEYOND(3)
          EDGEC_ARMV6M_MUL_BEYOND(4));
}

EDGEC_BLOCK_KERNEL void edgec_mul_armv6m_i8(const edgec_mul_armv6m *op, const int8_t *a, const int8_t *b, int8_t *y,
                                            int32_t count)
{
  edgec_mul_bytes_armv6m(op, a, b, y, count);
  EDGEC_EFFECT();
}

#define EDGEC_ARMV6M_LOOK(n) \
  "ldrsb r4, [r1, r0]\n"     \
  "ldrb r4, [r2, r4]\n"      \
  "strb r4, [r3, r0]\n"      \
  "adds r0, #1\n"

/* The results of signed bytes by a table, which is that of 0; y may be x. */
EDGEC_ASSEMBLY void edgec_look_bytes_armv6m(EDGEC_ARGUMENT int32_t count, EDGEC_ARGUMENT const int8_t *x,
                                            EDGEC_ARGUMENT const int8_t *table, EDGEC_ARGUMENT int8_t *y)
{
  __asm__(".syntax unified\n"
          "push {r0, r4, r5, lr}\n"
          EDGEC_ARMV6M_RUN(0, "r1, r3", 8, EDGEC_ARMV6M_LOOK)
          "pop {r0, r4, r5, pc}\n");
}

EDGEC_BLOCK_KERNEL void edgec_lookup_armv6m_8(const int8_t *x, const void *table, void *y, int32_t count)
{
  edgec_look_bytes_armv6m(count, x, (const int8_t *)table + 128, (int8_t *)y);
  EDGEC_EFFECT();
}

#endif
