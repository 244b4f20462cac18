/* Sums of products of halfwords with RVV, as vectors of bytes or halfwords times numbers, in lanes of 32 bits. */
#ifndef EDGEC_LANES_RVV_H
#define EDGEC_LANES_RVV_H

#include "edgec/codes_rvv.h"

/* A run of taps: a += v[i] * s0[i], and so of b and c if there are `three`. Vectors lie at v, `step` bytes apart, and are made
   halfwords w by `load`; numbers lie side by side, `number` loads one. All pointers go on. One statement, as 3 sums take most
   registers. 9 instructions for a tap of three sums, which are 96 products with vectors of 128 bits. */
#define EDGEC_RVV_RUN_LANES(taps, load, number, size)                                     \
  "vsetvli zero, %[lanes], e16, m4, ta, ma\n"                                             \
  "addi %[count], %[count], -4\n"                                                         \
  "bltz %[count], 2f\n"                                                                   \
  "1:\n"                                                                                  \
  taps(load, number, "0*" size) taps(load, number, "1*" size)                             \
  taps(load, number, "2*" size) taps(load, number, "3*" size)                             \
  "addi %[count], %[count], -4\n"                                                         \
  EDGEC_RVV_NUMBERS("4*" size)                                                            \
  "bgez %[count], 1b\n"                                                                   \
  "2:\n"                                                                                  \
  "addi %[count], %[count], 4\n"                                                          \
  "beqz %[count], 4f\n"                                                                   \
  "3:\n"                                                                                  \
  taps(load, number, "0")                                                                 \
  "addi %[count], %[count], -1\n"                                                         \
  EDGEC_RVV_NUMBERS("1*" size)                                                            \
  "bnez %[count], 3b\n"                                                                   \
  "4:\n"

#define EDGEC_RVV_NUMBERS(by)      \
  "addi %[s0], %[s0], " by "\n"    \
  "addi %[s1], %[s1], " by "\n"    \
  "addi %[s2], %[s2], " by "\n"

#define EDGEC_RVV_TAP_ONE(load, number, at) \
  load                                      \
  number " %[f], " at "(%[s0])\n"           \
  "add %[v], %[v], %[step]\n"               \
  "vwmacc.vx %[a], %[f], %[w]\n"

#define EDGEC_RVV_TAP_THREE(load, number, at) \
  load                                        \
  number " %[f], " at "(%[s0])\n"             \
  number " %[g], " at "(%[s1])\n"             \
  number " %[h], " at "(%[s2])\n"             \
  "add %[v], %[v], %[step]\n"                 \
  "vwmacc.vx %[a], %[f], %[w]\n"              \
  "vwmacc.vx %[b], %[g], %[w]\n"              \
  "vwmacc.vx %[c], %[h], %[w]\n"

/* edgec_run_<name>_rvv: `type` is what v points at, `number` what s0 to s2 point at; `apart` is for `load`: how far elements
   lie from each other, or what is subtracted from each. */
#define EDGEC_RVV_RUNS(name, type, number, load, instruction, size)                                                       \
  EDGEC_INLINE void edgec_run_##name##_rvv(int32_t three, vint32m8_t *a, vint32m8_t *b, vint32m8_t *c, const type **v,      \
                                           ptrdiff_t step, ptrdiff_t apart, const number **s0, const number **s1,        \
                                           const number **s2, int32_t count, size_t lanes)                               \
  {                                                                                                                      \
    vint8m2_t x;                                                                                                         \
    vint16m4_t w;                                                                                                        \
    int32_t f;                                                                                                           \
    int32_t g;                                                                                                           \
    int32_t h;                                                                                                           \
    if (three) {                                                                                                         \
      __asm__ volatile(EDGEC_RVV_RUN_LANES(EDGEC_RVV_TAP_THREE, load, instruction, size)                                 \
                       : [a] "+&vr"(*a), [b] "+&vr"(*b), [c] "+&vr"(*c), [x] "=&vr"(x), [w] "=&vr"(w), [f] "=&r"(f),         \
                         [g] "=&r"(g), [h] "=&r"(h), [v] "+&r"(*v), [s0] "+&r"(*s0), [s1] "+&r"(*s1), [s2] "+&r"(*s2),        \
                         [count] "+&r"(count)                                                                             \
                       : [step] "r"(step), [apart] "r"(apart), [lanes] "r"(lanes)                                        \
                       : "vl", "vtype", "memory");                                                                       \
    } else {                                                                                                             \
      __asm__ volatile(EDGEC_RVV_RUN_LANES(EDGEC_RVV_TAP_ONE, load, instruction, size)                                   \
                       : [a] "+&vr"(*a), [x] "=&vr"(x), [w] "=&vr"(w), [f] "=&r"(f), [v] "+&r"(*v), [s0] "+&r"(*s0),         \
                         [s1] "+&r"(*s1), [s2] "+&r"(*s2), [count] "+&r"(count)                                             \
                       : [step] "r"(step), [apart] "r"(apart), [lanes] "r"(lanes)                                        \
                       : "vl", "vtype", "memory");                                                                       \
    }                                                                                                                    \
  }

EDGEC_RVV_RUNS(products, int8_t, int8_t, "vle8.v %[x], (%[v])\nvsext.vf2 %[w], %[x]\nvsub.vx %[w], %[w], %[apart]\n", "lb", "1")
EDGEC_RVV_RUNS(channels_i16, int8_t, int16_t, "vle8.v %[x], (%[v])\nvsext.vf2 %[w], %[x]\n", "lh", "2")
EDGEC_RVV_RUNS(pixels_i8, int8_t, int8_t, "vlse8.v %[x], (%[v]), %[apart]\nvsext.vf2 %[w], %[x]\n", "lb", "1")
EDGEC_RVV_RUNS(pixels_i16, int16_t, int8_t, "vlse16.v %[w], (%[v]), %[apart]\n", "lb", "1")

#endif
