/* Billions of multiply-accumulates a second that this core can do in registers: float32, then int8 (0 where there is no
   instruction for sums of products of bytes). Independent sums, as many as hide the latency. Third, billions of bytes a
   second that it reads from a megabyte that is in its caches. */
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#if defined(__AVX2__)
#include <immintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#endif

#if defined(__AVX512F__)
typedef __m512 floats;
#define FMA(a, b, c) _mm512_fmadd_ps(a, b, c)
#define SET(x) _mm512_set1_ps(x)
#elif defined(__AVX2__)
typedef __m256 floats;
#define FMA(a, b, c) _mm256_fmadd_ps(a, b, c)
#define SET(x) _mm256_set1_ps(x)
#else
typedef float32x4_t floats;
#define FMA(a, b, c) vfmaq_f32(c, a, b)
#define SET(x) vdupq_n_f32(x)
#endif

#if defined(__AVX512VNNI__)
typedef __m512i bytes;
#define DOT(sum, a, b) __asm__("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(a), "v"(b))
#define SET_BYTES(x) _mm512_set1_epi8(x)
#elif defined(__AVX2__)
typedef __m256i bytes; /* four products by two instructions of 16 bits: the best without VNNI that is exact */
#define DOT(sum, a, b) ((sum) = _mm256_add_epi32(sum, _mm256_madd_epi16(a, b)))
#define SET_BYTES(x) _mm256_set1_epi8(x)
#define OF_WORDS 1
#elif defined(__ARM_FEATURE_DOTPROD)
typedef int32x4_t bytes;
#define DOT(sum, a, b) ((sum) = vdotq_s32(sum, vreinterpretq_s8_s32(a), vreinterpretq_s8_s32(b)))
#define SET_BYTES(x) vreinterpretq_s32_s8(vdupq_n_s8(x))
#endif

#define EACH(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11)

static floats memory[(1 << 20) / sizeof(floats)];

static double now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int main(void)
{
  enum { TURNS = 100000, ROUNDS = 200, SUMS = 12, VECTORS = sizeof memory / sizeof *memory };
  double best = 1e9, best_bytes = 1e9, best_read = 1e9;
  float seen = 0;
  for (int i = 0; i < VECTORS; i++) memory[i] = SET((float)i); /* pages that nobody wrote are all the same one */
  for (int round = 0; round < ROUNDS; round++) {
    floats a = SET(1.0f + 1e-7f * (float)round), b = SET(1e-9f);
#define DECLARE(i) floats f##i = SET((float)i);
    EACH(DECLARE)
    const double start = now();
    for (int turn = 0; turn < TURNS; turn++) {
#define ADD(i) f##i = FMA(a, b, f##i);
      EACH(ADD)
      __asm__ volatile("");
    }
    const double spent = now() - start;
    best = spent < best ? spent : best;
#define SEE(i) seen += *(float *)&f##i;
    EACH(SEE)
#if defined(DOT)
    bytes c = SET_BYTES((char)round), d = SET_BYTES(3);
#define DECLARE_BYTES(i) bytes s##i = SET_BYTES((char)i);
    EACH(DECLARE_BYTES)
    const double start_bytes = now();
    for (int turn = 0; turn < TURNS; turn++) {
#define ADD_BYTES(i) DOT(s##i, c, d);
      EACH(ADD_BYTES)
      __asm__ volatile("");
    }
    const double spent_bytes = now() - start_bytes;
    best_bytes = spent_bytes < best_bytes ? spent_bytes : best_bytes;
#define SEE_BYTES(i) seen += (float)*(char *)&s##i;
    EACH(SEE_BYTES)
#endif
    for (int again = 0; again < 20; again++) {
      floats r0 = SET(0), r1 = r0, r2 = r0, r3 = r0;
      const double start_read = now();
      for (int i = 0; i < VECTORS; i += 4) {
        r0 = FMA(memory[i], a, r0), r1 = FMA(memory[i + 1], a, r1);
        r2 = FMA(memory[i + 2], a, r2), r3 = FMA(memory[i + 3], a, r3);
        __asm__ volatile("");
      }
      const double spent_read = now() - start_read;
      best_read = spent_read < best_read ? spent_read : best_read;
      seen += *(float *)&r0 + *(float *)&r1 + *(float *)&r2 + *(float *)&r3;
    }
  }
  const double products = (double)TURNS * SUMS * sizeof(floats) / 4 * 1e-9;
  double products_bytes = 0;
#if defined(OF_WORDS)
  products_bytes = (double)TURNS * SUMS * sizeof(bytes) / 2 * 1e-9;
#elif defined(DOT)
  products_bytes = (double)TURNS * SUMS * sizeof(bytes) * 1e-9;
#endif
  printf("%.2f %.2f %.2f %s\n", products / best, products_bytes / best_bytes, sizeof memory * 1e-9 / best_read,
      seen == 0.5f ? "!" : "");
  return 0;
}
