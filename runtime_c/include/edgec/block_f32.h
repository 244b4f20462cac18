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

EDGEC_INLINE void edgec_accumulate_4x4_f32(edgec_tile_f32 *sum, const float *x, ptrdiff_t pixel, const float *w,
                                           ptrdiff_t step, int32_t count)
{
  const float *const x1 = x + pixel;
  const float *const x2 = x1 + pixel;
  const float *const x3 = x2 + pixel;
  for (int32_t i = 0; i < count; ++i) {
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
  (void)pixel;
  for (int32_t i = 0; i < count; ++i) {
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
