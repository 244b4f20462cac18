/* RVV 1.0, vectors of any length: blocks of sums of products of bytes, and the codes that become of them.

   Output channels are in lanes, an input is a scalar that multiplies a vector of weights. Weights are in pairs of taps,
   [pair][channel][2], the last one with a 0 where their number is odd: a segment load gives both taps of a pair.
   A sum becomes a code by VMULH, the upper half of sum * multiplier, and VNCLIP, that / 2^(shift - 32) to nearest, half way
   up: no different from rounding the product once where the shift is 33 or more. It saturates at what a byte holds; a
   narrower clamp is applied to the finished codes.

   The loops are functions in assembly, as all vector registers are in use: one function for all layers. */
#ifndef EDGEC_BLOCK_RVV_H
#define EDGEC_BLOCK_RVV_H

#include "edgec/assembly.h"

#if !defined(__riscv_v) || __riscv_xlen != 64
#error "these kernels need RV64 with the vectors of RVV 1.0: compile for the core that the model was made for"
#endif

/* The channels of a layer. */
typedef struct {
  const int8_t *weights;
  const int32_t *bias;
  const int32_t *multiplier;
  const uint16_t *shift; /* less 32 */
  int32_t out_channels;  /* from one pixel of the result to the next */
  int32_t taps;
  int32_t zero_point;
  int32_t low; /* clamp of the code */
  int32_t high;
} edgec_block_rvv;

EDGEC_ASSEMBLY void edgec_copy_rvv(EDGEC_ARGUMENT int8_t *to, EDGEC_ARGUMENT const int8_t *from,
                                   EDGEC_ARGUMENT int32_t count)
{
  __asm__("blez a2, 2f\n"
          "1:\n"
          "vsetvli t0, a2, e8, m8, ta, ma\n"
          "vle8.v v0, (a1)\n"
          "sub a2, a2, t0\n"
          "add a1, a1, t0\n"
          "vse8.v v0, (a0)\n"
          "add a0, a0, t0\n"
          "bnez a2, 1b\n"
          "2:\n"
          "ret\n");
}

EDGEC_ASSEMBLY void edgec_fill_rvv(EDGEC_ARGUMENT int8_t *to, EDGEC_ARGUMENT int32_t value, EDGEC_ARGUMENT int32_t count)
{
  __asm__("blez a2, 2f\n"
          "vsetvli t0, zero, e8, m8, ta, ma\n"
          "vmv.v.x v0, a1\n"
          "1:\n"
          "vsetvli t0, a2, e8, m8, ta, ma\n"
          "sub a2, a2, t0\n"
          "vse8.v v0, (a0)\n"
          "add a0, a0, t0\n"
          "bnez a2, 1b\n"
          "2:\n"
          "ret\n");
}

/* to[l * to_line + i * to_step] = from[l * from_line + i * from_step] */
EDGEC_ASSEMBLY void edgec_lines_rvv(EDGEC_ARGUMENT const void *from, EDGEC_ARGUMENT int32_t from_line,
                                    EDGEC_ARGUMENT int32_t from_step, EDGEC_ARGUMENT void *to,
                                    EDGEC_ARGUMENT int32_t to_line, EDGEC_ARGUMENT int32_t to_step,
                                    EDGEC_ARGUMENT int32_t lines, EDGEC_ARGUMENT int32_t count)
{
  __asm__("1:\n"
          "mv t1, a0\n"
          "mv t2, a3\n"
          "mv t3, a7\n"
          "2:\n"
          "vsetvli t0, t3, e8, m8, ta, ma\n"
          "vlse8.v v0, (t1), a2\n"
          "mul t4, t0, a2\n"
          "sub t3, t3, t0\n"
          "add t1, t1, t4\n"
          "vsse8.v v0, (t2), a5\n"
          "mul t4, t0, a5\n"
          "add t2, t2, t4\n"
          "bnez t3, 2b\n"
          "add a0, a0, a1\n"
          "add a3, a3, a4\n"
          "addi a6, a6, -1\n"
          "bnez a6, 1b\n"
          "ret\n");
}

/* Clamp finished codes. */
EDGEC_ASSEMBLY void edgec_limit_rvv(EDGEC_ARGUMENT int8_t *y, EDGEC_ARGUMENT int32_t count, EDGEC_ARGUMENT int32_t low,
                                    EDGEC_ARGUMENT int32_t high)
{
  __asm__("1:\n"
          "vsetvli t0, a1, e8, m8, ta, ma\n"
          "vle8.v v0, (a0)\n"
          "sub a1, a1, t0\n"
          "vmax.vx v0, v0, a2\n"
          "vmin.vx v0, v0, a3\n"
          "vse8.v v0, (a0)\n"
          "add a0, a0, t0\n"
          "bnez a1, 1b\n"
          "ret\n");
}

/* Where the clamp is narrower than a byte. */
EDGEC_INLINE void edgec_clamp_rvv(int32_t low, int32_t high, int8_t *y, int32_t count)
{
  if (low > -128 || high < 127) {
    edgec_limit_rvv(y, count, low, high);
  }
}

/* Of all registers that a function has to keep. */
#define EDGEC_RVV_SAVE    \
  "addi sp, sp, -96\n"    \
  "sd s0, 0(sp)\n"        \
  "sd s1, 8(sp)\n"        \
  "sd s2, 16(sp)\n"       \
  "sd s3, 24(sp)\n"       \
  "sd s4, 32(sp)\n"       \
  "sd s5, 40(sp)\n"       \
  "sd s6, 48(sp)\n"       \
  "sd s7, 56(sp)\n"       \
  "sd s8, 64(sp)\n"       \
  "sd s9, 72(sp)\n"       \
  "sd s10, 80(sp)\n"      \
  "sd s11, 88(sp)\n"

#define EDGEC_RVV_RETURN  \
  "ld s0, 0(sp)\n"        \
  "ld s1, 8(sp)\n"        \
  "ld s2, 16(sp)\n"       \
  "ld s3, 24(sp)\n"       \
  "ld s4, 32(sp)\n"       \
  "ld s5, 40(sp)\n"       \
  "ld s6, 48(sp)\n"       \
  "ld s7, 56(sp)\n"       \
  "ld s8, 64(sp)\n"       \
  "ld s9, 72(sp)\n"       \
  "ld s10, 80(sp)\n"      \
  "ld s11, 88(sp)\n"      \
  "addi sp, sp, 96\n"     \
  "ret\n"

/* A tap of 3 pixels (a0-a2) by weights in `w`. */
#define EDGEC_RVV_TAP(w, at)  \
  "lb t3, " at "(a0)\n"       \
  "lb t4, " at "(a1)\n"       \
  "lb t5, " at "(a2)\n"       \
  "vsext.vf2 v28, " w "\n"    \
  "vwmacc.vx v0, t3, v28\n"   \
  "vwmacc.vx v8, t4, v28\n"   \
  "vwmacc.vx v16, t5, v28\n"

#define EDGEC_RVV_PAIR(first, second) \
  "vlseg2e8.v v24, (a3)\n"            \
  "add a3, a3, a4\n"                  \
  EDGEC_RVV_TAP("v24", first)         \
  EDGEC_RVV_TAP("v26", second)

/* `count` pixels, 3 or more: 3 at a time, of which the last ones are the last 3. `places` has a0-a2 point at them and `next`
   goes on by t0 pixels, both from what a1 and a2 were, which are in s0 and s1. 16 instructions for two taps, which are 192
   products with vectors of 128 bits. */
#define EDGEC_RVV_PIXELS(places, next) \
  __asm__(EDGEC_RVV_SAVE \
          "csrwi vxrm, 0\n" /* half way up */ \
          "mv s0, a1\n" \
          "mv s1, a2\n" \
          "mv s2, a3\n" \
          "mv s3, a4\n" \
          "mv s4, a0\n" \
          "lw s5, 32(a0)\n"  /* out_channels */ \
          "lw s6, 36(a0)\n"  /* taps */ \
          "lw s7, 40(a0)\n"  /* zero_point */ \
          "slli a4, s5, 1\n" /* from the weights of one pair to those of the next */ \
          "1:\n" \
          "ld s8, 0(s4)\n"  /* weights */ \
          "ld s9, 8(s4)\n"  /* bias */ \
          "ld s10, 16(s4)\n" /* multiplier */ \
          "ld s11, 24(s4)\n" /* shift */ \
          "mv a5, s2\n" \
          "mv a6, s5\n" \
          "2:\n" /* a6 channels from s8-s11 on, to a5 */ \
          "vsetvli t0, a6, e16, m4, ta, ma\n" \
          "vle32.v v0, (s9)\n" \
          "slli t6, t0, 2\n" \
          "add s9, s9, t6\n" \
          places \
          "vmv8r.v v8, v0\n" \
          "vmv8r.v v16, v0\n" \
          "mv a3, s8\n" \
          "srli t1, s6, 3\n" \
          "beqz t1, 4f\n" \
          "3:\n" \
          EDGEC_RVV_PAIR("0", "1") \
          EDGEC_RVV_PAIR("2", "3") \
          EDGEC_RVV_PAIR("4", "5") \
          EDGEC_RVV_PAIR("6", "7") \
          "addi a0, a0, 8\n" \
          "addi a1, a1, 8\n" \
          "addi a2, a2, 8\n" \
          "addi t1, t1, -1\n" \
          "bnez t1, 3b\n" \
          "4:\n" \
          "andi t1, s6, 6\n" \
          "beqz t1, 6f\n" \
          "5:\n" \
          EDGEC_RVV_PAIR("0", "1") \
          "addi a0, a0, 2\n" \
          "addi a1, a1, 2\n" \
          "addi a2, a2, 2\n" \
          "addi t1, t1, -2\n" \
          "bnez t1, 5b\n" \
          "6:\n" \
          "andi t1, s6, 1\n" \
          "beqz t1, 7f\n" \
          "vlseg2e8.v v24, (a3)\n" \
          EDGEC_RVV_TAP("v24", "0") \
          "7:\n" \
          "vle32.v v24, (s10)\n" \
          "add s10, s10, t6\n" \
          "vsetvli zero, zero, e32, m8, ta, ma\n" \
          "vmulh.vv v0, v0, v24\n" \
          "vmulh.vv v8, v8, v24\n" \
          "vmulh.vv v16, v16, v24\n" \
          "vsetvli zero, zero, e16, m4, ta, ma\n" \
          "vle16.v v24, (s11)\n" \
          "slli t6, t0, 1\n" \
          "add s11, s11, t6\n" \
          "add s8, s8, t6\n" \
          "vnclip.wv v0, v0, v24\n" \
          "vnclip.wv v8, v8, v24\n" \
          "vnclip.wv v16, v16, v24\n" \
          "vsadd.vx v0, v0, s7\n" \
          "vsadd.vx v8, v8, s7\n" \
          "vsadd.vx v16, v16, s7\n" \
          "vsetvli zero, zero, e8, m2, ta, ma\n" \
          "add t1, a5, s5\n" \
          "add t2, t1, s5\n" \
          "vnclip.wi v0, v0, 0\n" \
          "vnclip.wi v8, v8, 0\n" \
          "vnclip.wi v16, v16, 0\n" \
          "vse8.v v0, (a5)\n" \
          "vse8.v v8, (t1)\n" \
          "vse8.v v16, (t2)\n" \
          "add a5, a5, t0\n" \
          "sub a6, a6, t0\n" \
          "bnez a6, 2b\n" \
          "addi s3, s3, -3\n" \
          "beqz s3, 9f\n" \
          "li t0, 3\n" \
          "bge s3, t0, 8f\n" \
          "mv t0, s3\n" \
          "li s3, 3\n" \
          "8:\n" \
          next \
          "mul t1, t0, s5\n" \
          "add s2, s2, t1\n" \
          "j 1b\n" \
          "9:\n" \
          EDGEC_RVV_RETURN)

/* Pixels of x, which are `pixel` bytes apart. */
EDGEC_ASSEMBLY void edgec_pixels_rvv(EDGEC_ARGUMENT const edgec_block_rvv *op, EDGEC_ARGUMENT const int8_t *x,
                                       EDGEC_ARGUMENT int32_t pixel, EDGEC_ARGUMENT int8_t *y,
                                       EDGEC_ARGUMENT int32_t count)
{
  EDGEC_RVV_PIXELS("mv a0, s0\n"
                   "add a1, s0, s1\n"
                   "add a2, a1, s1\n",
                   "mul t1, t0, s1\n"
                   "add s0, s0, t1\n");
}

/* Pixels that are so many bytes from x on. */
EDGEC_ASSEMBLY void edgec_places_rvv(EDGEC_ARGUMENT const edgec_block_rvv *op, EDGEC_ARGUMENT const int8_t *x,
                                     EDGEC_ARGUMENT const int32_t *places, EDGEC_ARGUMENT int8_t *y,
                                     EDGEC_ARGUMENT int32_t count)
{
  EDGEC_RVV_PIXELS("lw a0, 0(s1)\n"
                   "lw a1, 4(s1)\n"
                   "lw a2, 8(s1)\n"
                   "add a0, a0, s0\n"
                   "add a1, a1, s0\n"
                   "add a2, a2, s0\n",
                   "slli t1, t0, 2\n"
                   "add s1, s1, t1\n");
}

#endif
