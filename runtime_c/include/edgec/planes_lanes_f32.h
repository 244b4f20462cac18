/* Planes become pixels, float32, on hosts: the transposition of images of three channels. */
#ifndef EDGEC_PLANES_LANES_F32_H
#define EDGEC_PLANES_LANES_F32_H

#include "edgec/lanes_f32.h"

#if defined(__AVX512F__)

/* y: three vectors with an element of each of a, b and c in turn. */
EDGEC_INLINE void edgec_lanes_store3(float *y, edgec_lanes a, edgec_lanes b, edgec_lanes c)
{
  /* Of a and b, where 16 and more is b, then of these and c: c stands where it goes. */
  const __m512i ab0 = _mm512_setr_epi32(0, 16, 0, 1, 17, 0, 2, 18, 0, 3, 19, 0, 4, 20, 0, 5);
  const __m512i ab1 = _mm512_setr_epi32(21, 0, 6, 22, 0, 7, 23, 0, 8, 24, 0, 9, 25, 0, 10, 26);
  const __m512i ab2 = _mm512_setr_epi32(0, 11, 27, 0, 12, 28, 0, 13, 29, 0, 14, 30, 0, 15, 31, 0);
  const __m512i c0 = _mm512_setr_epi32(0, 0, 0, 0, 0, 1, 0, 0, 2, 0, 0, 3, 0, 0, 4, 0);
  const __m512i c1 = _mm512_setr_epi32(0, 5, 0, 0, 6, 0, 0, 7, 0, 0, 8, 0, 0, 9, 0, 0);
  const __m512i c2 = _mm512_setr_epi32(10, 0, 0, 11, 0, 0, 12, 0, 0, 13, 0, 0, 14, 0, 0, 15);
  edgec_lanes_store(y, _mm512_mask_permutexvar_ps(_mm512_permutex2var_ps(a, ab0, b), 0x4924, c0, c));
  edgec_lanes_store(y + 16, _mm512_mask_permutexvar_ps(_mm512_permutex2var_ps(a, ab1, b), 0x2492, c1, c));
  edgec_lanes_store(y + 32, _mm512_mask_permutexvar_ps(_mm512_permutex2var_ps(a, ab2, b), 0x9249, c2, c));
}

#elif defined(__AVX2__)

EDGEC_INLINE void edgec_lanes_store3(float *y, edgec_lanes a, edgec_lanes b, edgec_lanes c)
{
  /* Of each half: 0 3 2 1 of a, 1 0 3 2 of b and 2 1 0 3 of c stand where they go in one of three results. */
  const __m256 pa = _mm256_permute_ps(a, 0x6c);
  const __m256 pb = _mm256_permute_ps(b, 0xb1);
  const __m256 pc = _mm256_permute_ps(c, 0xc6);
  const __m256 first = _mm256_blend_ps(_mm256_blend_ps(pa, pb, 0x22), pc, 0x44);
  const __m256 second = _mm256_blend_ps(_mm256_blend_ps(pb, pc, 0x22), pa, 0x44);
  const __m256 third = _mm256_blend_ps(_mm256_blend_ps(pc, pa, 0x22), pb, 0x44);
  edgec_lanes_store(y, _mm256_permute2f128_ps(first, second, 0x20));
  edgec_lanes_store(y + 8, _mm256_permute2f128_ps(third, first, 0x30));
  edgec_lanes_store(y + 16, _mm256_permute2f128_ps(second, third, 0x31));
}

#else

EDGEC_INLINE void edgec_lanes_store3(float *y, edgec_lanes a, edgec_lanes b, edgec_lanes c)
{
  const float32x4x3_t three = {{a, b, c}};
  vst3q_f32(y, three);
}

#endif

/* x: [3][pixels]; y: [pixels][3]. */
EDGEC_KERNEL void EDGEC_LANES_KERNEL(planes)(int32_t pixels, const float *x, float *y)
{
  const float *const b = x + pixels;
  const float *const c = b + pixels;
  int32_t i = 0;
  for (; i + EDGEC_LANES <= pixels; i += EDGEC_LANES, y += 3 * EDGEC_LANES) {
    edgec_lanes_store3(y, edgec_lanes_load(x + i), edgec_lanes_load(b + i), edgec_lanes_load(c + i));
  }
  for (; i < pixels; ++i, y += 3) {
    y[0] = x[i];
    y[1] = b[i];
    y[2] = c[i];
  }
}

#endif
