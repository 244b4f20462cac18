/* Vectors of float32 with RVV: what its kernels share. Lanes are elements that are computed alike, as many as there are;
   each takes one rounding for a product and one for a sum, and subnormal numbers are what they are. */
#ifndef EDGEC_VECTORS_RVV_H
#define EDGEC_VECTORS_RVV_H

#include "edgec/padded_rvv.h"

#include <riscv_vector.h>

/* Windows of a layer; in elements. One has `kernel_rows` rows of `runs` runs of `run` elements. */
typedef struct {
  int32_t out_width;
  int32_t out_channels; /* of all groups */
  int32_t groups;
  int32_t group; /* from the input of a group to that of the next */
  int32_t pixel; /* from one window to the next */
  int32_t row;   /* from the first window of a row to the next row's first */
  int32_t kernel_rows;
  int32_t runs;
  int32_t run;
  int32_t tap;  /* from one element of a run to the next; channels in lanes: 1 */
  int32_t skip; /* from the end of a run to the next one, */
  int32_t turn; /* and, from where that is, to the next row's first */
} edgec_windows_rvv;

/* edgec_clamp_f32 of each lane. */
EDGEC_INLINE vfloat32m8_t edgec_clamped_rvv(vfloat32m8_t x, float low, float high, size_t lanes)
{
  if (low > -EDGEC_INFINITY) {
    x = __riscv_vfmerge_vfm_f32m8(x, low, __riscv_vmflt_vf_f32m8_b4(x, low, lanes), lanes);
  }
  if (high < EDGEC_INFINITY) {
    x = __riscv_vfmerge_vfm_f32m8(x, high, __riscv_vmfgt_vf_f32m8_b4(x, high, lanes), lanes);
  }
  return x;
}

/* A run of taps: a += v[i] * s0[i] and, if there are `two`, b += v[i] * s1[i]. Vectors lie at v, `step` bytes apart, their
   elements `apart` bytes; numbers lie side by side. All pointers go on. One statement, as compilers order the loads of
   several taps so that registers don't suffice. What it changes is written early (+&): else an operand that happens to be
   the same number at first, where shapes are constants, may have its register. 8 instructions for a tap of two sums, which
   are 64 products with vectors of 128 bits. */
#define EDGEC_RVV_RUN(two, load)                                 \
  "vsetvli zero, %[lanes], e32, m8, ta, ma\n"                    \
  "addi %[count], %[count], -4\n"                                \
  "bltz %[count], 2f\n"                                          \
  "1:\n"                                                         \
  two("0", load) two("4", load) two("8", load) two("12", load)   \
  "addi %[count], %[count], -4\n"                                \
  "addi %[s0], %[s0], 16\n"                                      \
  "addi %[s1], %[s1], 16\n"                                      \
  "bgez %[count], 1b\n"                                          \
  "2:\n"                                                         \
  "addi %[count], %[count], 4\n"                                 \
  "beqz %[count], 4f\n"                                          \
  "3:\n"                                                         \
  two("0", load)                                                 \
  "addi %[count], %[count], -1\n"                                \
  "addi %[s0], %[s0], 4\n"                                       \
  "addi %[s1], %[s1], 4\n"                                       \
  "bnez %[count], 3b\n"                                          \
  "4:\n"

#define EDGEC_RVV_TWO(at, load)         \
  load                                  \
  "flw %[f], " at "(%[s0])\n"           \
  "flw %[g], " at "(%[s1])\n"           \
  "add %[v], %[v], %[step]\n"           \
  "vfmul.vf %[t], %[x], %[f]\n"         \
  "vfmul.vf %[x], %[x], %[g]\n"         \
  "vfadd.vv %[a], %[a], %[t]\n"         \
  "vfadd.vv %[b], %[b], %[x]\n"

#define EDGEC_RVV_ONE(at, load)         \
  load                                  \
  "flw %[f], " at "(%[s0])\n"           \
  "add %[v], %[v], %[step]\n"           \
  "vfmul.vf %[x], %[x], %[f]\n"         \
  "vfadd.vv %[a], %[a], %[x]\n"

EDGEC_INLINE void edgec_run_rvv_f32(int32_t two, vfloat32m8_t *a, vfloat32m8_t *b, const float **v, ptrdiff_t step,
                                    ptrdiff_t apart, const float **s0, const float **s1, int32_t count, size_t lanes)
{
  vfloat32m8_t x;
  vfloat32m8_t t;
  float f;
  float g;
#define EDGEC_RVV_STATEMENT(two, load)                                                                                  \
  __asm__ volatile(EDGEC_RVV_RUN(two, load)                                                                             \
                   : [a] "+&vr"(*a), [b] "+&vr"(*b), [x] "=&vr"(x), [t] "=&vr"(t), [f] "=&f"(f), [g] "=&f"(g), [v] "+&r"(*v), \
                     [s0] "+&r"(*s0), [s1] "+&r"(*s1), [count] "+&r"(count)                                                \
                   : [step] "r"(step), [apart] "r"(apart), [lanes] "r"(lanes)                                           \
                   : "vl", "vtype", "memory")
  if (two && apart == (ptrdiff_t)sizeof(float)) {
    EDGEC_RVV_STATEMENT(EDGEC_RVV_TWO, "vle32.v %[x], (%[v])\n");
  } else if (two) {
    EDGEC_RVV_STATEMENT(EDGEC_RVV_TWO, "vlse32.v %[x], (%[v]), %[apart]\n");
  } else if (apart == (ptrdiff_t)sizeof(float)) {
    EDGEC_RVV_STATEMENT(EDGEC_RVV_ONE, "vle32.v %[x], (%[v])\n");
  } else {
    EDGEC_RVV_STATEMENT(EDGEC_RVV_ONE, "vlse32.v %[x], (%[v]), %[apart]\n");
  }
#undef EDGEC_RVV_STATEMENT
}

#endif
