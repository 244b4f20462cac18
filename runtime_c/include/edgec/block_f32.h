/* Blocks of sums of products, float32: what convolution, dense and matmul have in common.

   A block is P pixels x C output channels, PxC one of 4x4, 1x4, 4x1, 1x1. A weight that is loaded serves P sums, an input C.
   The sums are named fields and not an array: compilers keep those in registers (16 sums, 4 weights and an input fit the
   32 registers of a small FPU), arrays often not. Whatever the block, one sum takes its products in the same
   order, one rounding after each product and each addition: results do not depend on the blocking. */
#ifndef EDGEC_BLOCK_F32_H
#define EDGEC_BLOCK_F32_H

#include "edgec/core.h"

typedef struct {
  float a, b, c, d;
} edgec_quad_f32;

typedef struct {
  edgec_quad_f32 p0, p1, p2, p3;
} edgec_tile_f32;

/* Four elements, `step` apart. */
EDGEC_INLINE edgec_quad_f32 edgec_quad_load_f32(const float *x, ptrdiff_t step)
{
  const edgec_quad_f32 quad = {x[0], x[step], x[2 * step], x[3 * step]};
  return quad;
}

EDGEC_INLINE void edgec_quad_store_f32(edgec_quad_f32 quad, float *y, ptrdiff_t step, float low, float high)
{
  y[0] = edgec_clamp_f32(quad.a, low, high);
  y[step] = edgec_clamp_f32(quad.b, low, high);
  y[2 * step] = edgec_clamp_f32(quad.c, low, high);
  y[3 * step] = edgec_clamp_f32(quad.d, low, high);
}

/* sum += quad * x */
EDGEC_INLINE void edgec_quad_scale_add_f32(edgec_quad_f32 *sum, edgec_quad_f32 quad, float x)
{
  sum->a += quad.a * x;
  sum->b += quad.b * x;
  sum->c += quad.c * x;
  sum->d += quad.d * x;
}

/* sum += x * y, lane by lane */
EDGEC_INLINE void edgec_quad_multiply_add_f32(edgec_quad_f32 *sum, edgec_quad_f32 x, edgec_quad_f32 y)
{
  sum->a += x.a * y.a;
  sum->b += x.b * y.b;
  sum->c += x.c * y.c;
  sum->d += x.d * y.d;
}

/* --- begin: each sum starts at its channel's bias ------------------------------------------------------------------ */

EDGEC_INLINE edgec_tile_f32 edgec_begin_4x4_f32(const float *bias)
{
  const edgec_quad_f32 quad = edgec_quad_load_f32(bias, 1);
  const edgec_tile_f32 sum = {quad, quad, quad, quad};
  return sum;
}

EDGEC_INLINE edgec_quad_f32 edgec_begin_1x4_f32(const float *bias)
{
  return edgec_quad_load_f32(bias, 1);
}

EDGEC_INLINE edgec_quad_f32 edgec_begin_4x1_f32(const float *bias)
{
  return edgec_quad_load_f32(bias, 0);
}

EDGEC_INLINE float edgec_begin_1x1_f32(const float *bias)
{
  return bias[0];
}

/* --- accumulate: sum[p][c] += x[p * pixel + i] * w[i * step + c] for i = 0 .. count - 1 ---------------------------- */

/* On an FPU of Armv7E-M or Armv8-M compilers keep too few of the sums in registers. Two inputs of four pixels a turn; a
   product and its addition are two instructions, as a fused one would round once, and a chained one takes longer. */
#if defined(__GNUC__) && defined(__ARM_ARCH_PROFILE) && __ARM_ARCH_PROFILE == 'M' && defined(__ARM_FP) && (__ARM_FP & 4)
EDGEC_FUNCTION void edgec_accumulate_pairs_4x4_f32(edgec_tile_f32 *sum, const float *x0, const float *x1,
                                                   const float *x2, const float *x3, const float *w, int32_t pairs)
{
  __asm__ volatile(
    "  vldmia %[sum], {s0-s15}\n"
    "1:\n"
    "  vldmia %[w]!, {s16-s19}\n"
    "  vldmia %[x0]!, {s20-s21}\n"
    "  vldmia %[x1]!, {s22-s23}\n"
    "  vldmia %[x2]!, {s24-s25}\n"
    "  vldmia %[x3]!, {s26-s27}\n"
    "  vmul.f32 s28, s16, s20\n"
    "  vmul.f32 s29, s17, s20\n"
    "  vmul.f32 s30, s18, s20\n"
    "  vmul.f32 s31, s19, s20\n"
    "  vadd.f32 s0, s0, s28\n"
    "  vadd.f32 s1, s1, s29\n"
    "  vadd.f32 s2, s2, s30\n"
    "  vadd.f32 s3, s3, s31\n"
    "  vmul.f32 s28, s16, s22\n"
    "  vmul.f32 s29, s17, s22\n"
    "  vmul.f32 s30, s18, s22\n"
    "  vmul.f32 s31, s19, s22\n"
    "  vadd.f32 s4, s4, s28\n"
    "  vadd.f32 s5, s5, s29\n"
    "  vadd.f32 s6, s6, s30\n"
    "  vadd.f32 s7, s7, s31\n"
    "  vmul.f32 s28, s16, s24\n"
    "  vmul.f32 s29, s17, s24\n"
    "  vmul.f32 s30, s18, s24\n"
    "  vmul.f32 s31, s19, s24\n"
    "  vadd.f32 s8, s8, s28\n"
    "  vadd.f32 s9, s9, s29\n"
    "  vadd.f32 s10, s10, s30\n"
    "  vadd.f32 s11, s11, s31\n"
    "  vmul.f32 s28, s16, s26\n"
    "  vmul.f32 s29, s17, s26\n"
    "  vmul.f32 s30, s18, s26\n"
    "  vmul.f32 s31, s19, s26\n"
    "  vadd.f32 s12, s12, s28\n"
    "  vadd.f32 s13, s13, s29\n"
    "  vadd.f32 s14, s14, s30\n"
    "  vadd.f32 s15, s15, s31\n"
    "  subs %[pairs], #1\n"
    "  vldmia %[w]!, {s16-s19}\n"
    "  vmul.f32 s28, s16, s21\n"
    "  vmul.f32 s29, s17, s21\n"
    "  vmul.f32 s30, s18, s21\n"
    "  vmul.f32 s31, s19, s21\n"
    "  vadd.f32 s0, s0, s28\n"
    "  vadd.f32 s1, s1, s29\n"
    "  vadd.f32 s2, s2, s30\n"
    "  vadd.f32 s3, s3, s31\n"
    "  vmul.f32 s28, s16, s23\n"
    "  vmul.f32 s29, s17, s23\n"
    "  vmul.f32 s30, s18, s23\n"
    "  vmul.f32 s31, s19, s23\n"
    "  vadd.f32 s4, s4, s28\n"
    "  vadd.f32 s5, s5, s29\n"
    "  vadd.f32 s6, s6, s30\n"
    "  vadd.f32 s7, s7, s31\n"
    "  vmul.f32 s28, s16, s25\n"
    "  vmul.f32 s29, s17, s25\n"
    "  vmul.f32 s30, s18, s25\n"
    "  vmul.f32 s31, s19, s25\n"
    "  vadd.f32 s8, s8, s28\n"
    "  vadd.f32 s9, s9, s29\n"
    "  vadd.f32 s10, s10, s30\n"
    "  vadd.f32 s11, s11, s31\n"
    "  vmul.f32 s28, s16, s27\n"
    "  vmul.f32 s29, s17, s27\n"
    "  vmul.f32 s30, s18, s27\n"
    "  vmul.f32 s31, s19, s27\n"
    "  vadd.f32 s12, s12, s28\n"
    "  vadd.f32 s13, s13, s29\n"
    "  vadd.f32 s14, s14, s30\n"
    "  vadd.f32 s15, s15, s31\n"
    "  bne 1b\n"
    "  vstmia %[sum], {s0-s15}\n"
    : [x0] "+r"(x0), [x1] "+r"(x1), [x2] "+r"(x2), [x3] "+r"(x3), [w] "+r"(w), [pairs] "+r"(pairs)
    : [sum] "r"(sum)
    : "cc", "memory", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "s12", "s13", "s14", "s15", "s16", "s17", "s18", "s19", "s20", "s21", "s22", "s23", "s24", "s25", "s26", "s27", "s28", "s29", "s30", "s31");
}
#define EDGEC_PAIRS_4X4_F32(sum, x, x1, x2, x3, w, step, count) \
  if ((step) == 4 && (count) >= 2) {                              \
    edgec_accumulate_pairs_4x4_f32(sum, x, x1, x2, x3, w, (count) / 2); \
    first = (count) - (count) % 2;                                \
  }

/* Four inputs of one pixel a turn. */
EDGEC_FUNCTION void edgec_accumulate_fours_1x4_f32(edgec_quad_f32 *sum, const float *x, const float *w, int32_t fours)
{
  __asm__ volatile(
    "  vldmia %[sum], {s0-s3}\n"
    "1:\n"
    "  vldmia %[w]!, {s8-s23}\n"
    "  vldmia %[x]!, {s24-s27}\n"
    "  vmul.f32 s28, s8, s24\n"
    "  vmul.f32 s29, s9, s24\n"
    "  vmul.f32 s30, s10, s24\n"
    "  vmul.f32 s31, s11, s24\n"
    "  vadd.f32 s0, s0, s28\n"
    "  vadd.f32 s1, s1, s29\n"
    "  vadd.f32 s2, s2, s30\n"
    "  vadd.f32 s3, s3, s31\n"
    "  subs %[fours], #1\n"
    "  vmul.f32 s28, s12, s25\n"
    "  vmul.f32 s29, s13, s25\n"
    "  vmul.f32 s30, s14, s25\n"
    "  vmul.f32 s31, s15, s25\n"
    "  vadd.f32 s0, s0, s28\n"
    "  vadd.f32 s1, s1, s29\n"
    "  vadd.f32 s2, s2, s30\n"
    "  vadd.f32 s3, s3, s31\n"
    "  vmul.f32 s28, s16, s26\n"
    "  vmul.f32 s29, s17, s26\n"
    "  vmul.f32 s30, s18, s26\n"
    "  vmul.f32 s31, s19, s26\n"
    "  vadd.f32 s0, s0, s28\n"
    "  vadd.f32 s1, s1, s29\n"
    "  vadd.f32 s2, s2, s30\n"
    "  vadd.f32 s3, s3, s31\n"
    "  vmul.f32 s28, s20, s27\n"
    "  vmul.f32 s29, s21, s27\n"
    "  vmul.f32 s30, s22, s27\n"
    "  vmul.f32 s31, s23, s27\n"
    "  vadd.f32 s0, s0, s28\n"
    "  vadd.f32 s1, s1, s29\n"
    "  vadd.f32 s2, s2, s30\n"
    "  vadd.f32 s3, s3, s31\n"
    "  bne 1b\n"
    "  vstmia %[sum], {s0-s3}\n"
    : [x] "+r"(x), [w] "+r"(w), [fours] "+r"(fours)
    : [sum] "r"(sum)
    : "cc", "memory", "s0", "s1", "s2", "s3", "s8", "s9", "s10", "s11", "s12", "s13", "s14", "s15", "s16", "s17", "s18", "s19", "s20", "s21", "s22", "s23", "s24", "s25", "s26", "s27", "s28", "s29", "s30", "s31");
}
#define EDGEC_FOURS_1X4_F32(sum, x, w, step, count)              \
  if ((step) == 4 && (count) >= 4) {                             \
    edgec_accumulate_fours_1x4_f32(sum, x, w, (count) / 4);      \
    first = (count) - (count) % 4;                               \
  }
#endif

EDGEC_INLINE void edgec_accumulate_4x4_f32(edgec_tile_f32 *sum, const float *x, ptrdiff_t pixel, const float *w,
                                           ptrdiff_t step, int32_t count)
{
  const float *const x1 = x + pixel;
  const float *const x2 = x1 + pixel;
  const float *const x3 = x2 + pixel;
  int32_t first = 0;
#ifdef EDGEC_PAIRS_4X4_F32
  EDGEC_PAIRS_4X4_F32(sum, x, x1, x2, x3, w, step, count)
#endif
  for (int32_t i = first; i < count; ++i) {
    const edgec_quad_f32 quad = edgec_quad_load_f32(w + i * step, 1);
    edgec_quad_scale_add_f32(&sum->p0, quad, x[i]);
    edgec_quad_scale_add_f32(&sum->p1, quad, x1[i]);
    edgec_quad_scale_add_f32(&sum->p2, quad, x2[i]);
    edgec_quad_scale_add_f32(&sum->p3, quad, x3[i]);
  }
}

EDGEC_INLINE void edgec_accumulate_1x4_f32(edgec_quad_f32 *sum, const float *x, ptrdiff_t pixel, const float *w,
                                           ptrdiff_t step, int32_t count)
{
  int32_t first = 0;
  (void)pixel;
#ifdef EDGEC_FOURS_1X4_F32
  EDGEC_FOURS_1X4_F32(sum, x, w, step, count)
#endif
  for (int32_t i = first; i < count; ++i) {
    edgec_quad_scale_add_f32(sum, edgec_quad_load_f32(w + i * step, 1), x[i]);
  }
}

EDGEC_INLINE void edgec_accumulate_4x1_f32(edgec_quad_f32 *sum, const float *x, ptrdiff_t pixel, const float *w,
                                           ptrdiff_t step, int32_t count)
{
  for (int32_t i = 0; i < count; ++i) {
    edgec_quad_scale_add_f32(sum, edgec_quad_load_f32(x + i, pixel), w[i * step]);
  }
}

EDGEC_INLINE void edgec_accumulate_1x1_f32(float *sum, const float *x, ptrdiff_t pixel, const float *w,
                                           ptrdiff_t step, int32_t count)
{
  (void)pixel;
  for (int32_t i = 0; i < count; ++i) {
    *sum += x[i] * w[i * step];
  }
}

/* --- store: y[p * pixel + c] = clamp(sum[p][c]) -------------------------------------------------------------------- */

EDGEC_INLINE void edgec_store_4x4_f32(edgec_tile_f32 sum, float *y, ptrdiff_t pixel, float low, float high)
{
  edgec_quad_store_f32(sum.p0, y, 1, low, high);
  edgec_quad_store_f32(sum.p1, y + pixel, 1, low, high);
  edgec_quad_store_f32(sum.p2, y + 2 * pixel, 1, low, high);
  edgec_quad_store_f32(sum.p3, y + 3 * pixel, 1, low, high);
}

EDGEC_INLINE void edgec_store_1x4_f32(edgec_quad_f32 sum, float *y, ptrdiff_t pixel, float low, float high)
{
  (void)pixel;
  edgec_quad_store_f32(sum, y, 1, low, high);
}

EDGEC_INLINE void edgec_store_4x1_f32(edgec_quad_f32 sum, float *y, ptrdiff_t pixel, float low, float high)
{
  edgec_quad_store_f32(sum, y, pixel, low, high);
}

EDGEC_INLINE void edgec_store_1x1_f32(float sum, float *y, ptrdiff_t pixel, float low, float high)
{
  (void)pixel;
  y[0] = edgec_clamp_f32(sum, low, high);
}

#endif
