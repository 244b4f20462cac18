/* Elementwise functions of bytes on RV32IM: sums, products, tables. Four elements a turn, as loops and pointers take as much
   as half of a sum does. */
#ifndef EDGEC_ELEMENTWISE_RV32IM_H
#define EDGEC_ELEMENTWISE_RV32IM_H

#include "edgec/assembly_rv32im.h"

/* `y[i] = value` for all elements: expressions of i. An element is read before the one at its place is written. */
#define EDGEC_RV32IM_RUN(value)                 \
  for (; count >= 4; count -= 4) {              \
    y[0] = value(0);                            \
    y[1] = value(1);                            \
    y[2] = value(2);                            \
    y[3] = value(3);                            \
    EDGEC_RV32IM_NEXT(4)                        \
  }                                             \
  for (; count > 0; --count) {                  \
    y[0] = value(0);                            \
    EDGEC_RV32IM_NEXT(1)                        \
  }

/* The result's code is (sum >> shift), within low .. high: zero points and rounding are in `begin`. */
typedef struct {
  int32_t a_multiplier;
  int32_t b_multiplier;
  int32_t begin;
  int32_t shift;
  int32_t low;
  int32_t high;
} edgec_add_rv32im;

/* a0: op, a1, a2, a3: a, b, y, t2, t3: multipliers, t4: begin, t5: shift, t6: low, a6: high. */
#define EDGEC_RV32IM_ADD(n, i)   \
  "lb t0, " #i "(a1)\n"           \
  "lb t1, " #i "(a2)\n"           \
  "mul t0, t0, t2\n"              \
  "mul t1, t1, t3\n"              \
  "add t0, t0, t4\n"              \
  "add t0, t0, t1\n"              \
  "sra t0, t0, t5\n"              \
  "blt t0, t6, 6" #n "f\n"        \
  "bgt t0, a6, 7" #n "f\n"        \
  "8" #n ":\n"                    \
  "sb t0, " #i "(a3)\n"

#define EDGEC_RV32IM_ADD_BEYOND(n) \
  "6" #n ":\n"                     \
  "mv t0, t6\n"                    \
  "j 8" #n "b\n"                   \
  "7" #n ":\n"                     \
  "mv t0, a6\n"                    \
  "j 8" #n "b\n"

#define EDGEC_RV32IM_ADD_NEXT(n) \
  "addi a1, a1, " #n "\n"        \
  "addi a2, a2, " #n "\n"        \
  "addi a3, a3, " #n "\n"

/* A function, as compilers have jumps around what is within the limits. y may be a or b. */
EDGEC_ASSEMBLY void edgec_add_bytes_rv32im(EDGEC_ARGUMENT const edgec_add_rv32im *op, EDGEC_ARGUMENT const int8_t *a,
                                           EDGEC_ARGUMENT const int8_t *b, EDGEC_ARGUMENT int8_t *y,
                                           EDGEC_ARGUMENT int32_t count)
{
  __asm__("lw t2, 0(a0)\n"
          "lw t3, 4(a0)\n"
          "lw t4, 8(a0)\n"
          "lw t5, 12(a0)\n"
          "lw t6, 16(a0)\n"
          "lw a6, 20(a0)\n"
          "add a4, a4, a3\n"
          "addi a5, a4, -4\n"
          "bgtu a3, a5, 2f\n"
          "1:\n"
          EDGEC_RV32IM_ADD(0, 0)
          EDGEC_RV32IM_ADD(1, 1)
          EDGEC_RV32IM_ADD(2, 2)
          EDGEC_RV32IM_ADD(3, 3)
          EDGEC_RV32IM_ADD_NEXT(4)
          "bleu a3, a5, 1b\n"
          "2:\n"
          "beq a3, a4, 3f\n"
          EDGEC_RV32IM_ADD(4, 0)
          EDGEC_RV32IM_ADD_NEXT(1)
          "j 2b\n"
          "3:\n"
          "ret\n"
          EDGEC_RV32IM_ADD_BEYOND(0)
          EDGEC_RV32IM_ADD_BEYOND(1)
          EDGEC_RV32IM_ADD_BEYOND(2)
          EDGEC_RV32IM_ADD_BEYOND(3)
          EDGEC_RV32IM_ADD_BEYOND(4));
}

EDGEC_BLOCK_KERNEL void edgec_add_rv32im_i8(const edgec_add_rv32im *op, const int8_t *a, const int8_t *b, int8_t *y,
                                            int32_t count)
{
  edgec_add_bytes_rv32im(op, a, b, y, count);
  EDGEC_EFFECT();
}

/* The code is ((product * multiplier >> 32) + begin) >> shift. */
typedef struct {
  int32_t a_zero;
  int32_t b_zero;
  int32_t multiplier;
  int32_t begin;
  int32_t shift;
  int32_t low;
  int32_t high;
} edgec_mul_rv32im;

EDGEC_INLINE int8_t edgec_code_rv32im(int32_t code, int32_t low, int32_t high)
{
  return (int8_t)(code < low ? low : code > high ? high : code);
}

EDGEC_INLINE int8_t edgec_mul_scalar_rv32im(const edgec_mul_rv32im *op, int32_t a, int32_t b)
{
  const int32_t product = (a - op->a_zero) * (b - op->b_zero);
  const int32_t upper = (int32_t)(((int64_t)product * op->multiplier) >> 32);
  return edgec_code_rv32im((upper + op->begin) >> op->shift, op->low, op->high);
}

/* y may be a or b. */
EDGEC_KERNEL void edgec_mul_rv32im_i8(const edgec_mul_rv32im *op, const int8_t *a, const int8_t *b, int8_t *y, int32_t count)
{
#define EDGEC_RV32IM_NEXT(n) a += (n), b += (n), y += (n);
#define EDGEC_RV32IM_VALUE(i) edgec_mul_scalar_rv32im(op, a[i], b[i])
  EDGEC_RV32IM_RUN(EDGEC_RV32IM_VALUE)
#undef EDGEC_RV32IM_VALUE
#undef EDGEC_RV32IM_NEXT
}

/* The results of signed bytes, the lowest one's first; y may be x. */
EDGEC_KERNEL void edgec_lookup_rv32im_8(const int8_t *x, const void *table, void *result, int32_t count)
{
  const uint8_t *const zero = (const uint8_t *)table + 128;
  uint8_t *y = (uint8_t *)result;
#define EDGEC_RV32IM_NEXT(n) x += (n), y += (n);
#define EDGEC_RV32IM_VALUE(i) zero[x[i]]
  EDGEC_RV32IM_RUN(EDGEC_RV32IM_VALUE)
#undef EDGEC_RV32IM_VALUE
#undef EDGEC_RV32IM_NEXT
}

#endif
