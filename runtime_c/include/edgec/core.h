/* What every edgec kernel stands on: error codes, the step hook, row pointers. C99, freestanding. */
#ifndef EDGEC_CORE_H
#define EDGEC_CORE_H

#include <stddef.h>
#include <stdint.h>

/* Returned by <model>_run and <model>_bind, and by kernels that can fail; zero is success. After an error the outputs
   hold anything, and nothing outside of them and the arena was written. */
enum {
  EDGEC_OK = 0,
  EDGEC_ERROR_ARENA_SIZE = -1, /* the arena is smaller than <MODEL>_ARENA_BYTES */
  EDGEC_ERROR_ALIGNMENT = -2,  /* the arena, an input or an output is not aligned as the header says */
  EDGEC_ERROR_POINTER = -3,    /* a pointer is null, or is not the one that <model>_bind gave */
  EDGEC_ERROR_INDEX = -4,      /* an index among the inputs, or computed from them, leaves the tensor that it indexes */
  EDGEC_ERROR_CPU = -5         /* this CPU lacks features that the model was compiled for */
};

/* Called before each operator, and once after the last. A profiling build defines it; otherwise it costs nothing. */
#ifndef EDGEC_STEP
#define EDGEC_STEP(index) ((void)0)
#endif

/* Kernels are inlined into the function that calls them, where shapes are constants, so that loops get constant bounds
   and clamps, strides and tails fold away. With EDGEC_OPTIMIZE_SIZE each kernel is one function that all call: smaller,
   slower, the same results. Kernels that do most of their work in blocks of assembly gain little by constants, and are
   functions but with EDGEC_OPTIMIZE_SPEED. What kernels are made of (EDGEC_INLINE) is always inlined. */
#if defined(__GNUC__) || defined(__clang__)
#define EDGEC_INLINE static inline __attribute__((always_inline, unused))
#else
#define EDGEC_INLINE static inline
#endif
#if defined(EDGEC_OPTIMIZE_SIZE)
#define EDGEC_KERNEL EDGEC_FUNCTION
#else
#define EDGEC_KERNEL EDGEC_INLINE
#endif
#if defined(EDGEC_OPTIMIZE_SPEED)
#define EDGEC_BLOCK_KERNEL EDGEC_INLINE
#else
#define EDGEC_BLOCK_KERNEL EDGEC_FUNCTION
#endif

/* A function too large to be worth a copy at each call: one per file that calls it, none in one that does not. */
#if defined(__GNUC__) || defined(__clang__)
#define EDGEC_FUNCTION static __attribute__((noinline, unused))
#else
#define EDGEC_FUNCTION static
#endif

/* At the end of a function that writes memory: gcc 12 may not see that it does where its loops count by a negated pointer,
   and drop the calls. */
#if defined(__GNUC__) && !defined(__clang__)
#define EDGEC_EFFECT() __asm__ volatile("" ::: "memory")
#else
#define EDGEC_EFFECT() ((void)0)
#endif

/* Before a loop: that many turns at a time, where gcc knows no better; clang does, and warns where it can't. */
#if defined(__GNUC__) && !defined(__clang__)
#define EDGEC_PRAGMA(text) _Pragma(#text)
#define EDGEC_UNROLL(turns) EDGEC_PRAGMA(GCC unroll turns)
#else
#define EDGEC_UNROLL(turns)
#endif

/* At the definition of an array: where it begins is a multiple of so many bytes. */
#if defined(__GNUC__) || defined(__clang__)
#define EDGEC_ALIGNED(bytes) __attribute__((aligned(bytes)))
#else
#define EDGEC_ALIGNED(bytes)
#endif

/* Ask for the cache line of an element that is read later; it may be beyond the array's end. */
#if defined(__GNUC__) || defined(__clang__)
#define EDGEC_PREFETCH(array, index) \
  __builtin_prefetch((const void *)((uintptr_t)(array) + (uintptr_t)(index) * sizeof *(array)), 0, 2)
#else
#define EDGEC_PREFETCH(array, index) ((void)0)
#endif

/* Integer types that may read and write memory of any type: what moves data must not know what it moves. */
#if defined(__GNUC__) || defined(__clang__)
#define EDGEC_MAY_ALIAS __attribute__((may_alias))
#else
#define EDGEC_MAY_ALIAS
#endif
typedef uint8_t EDGEC_MAY_ALIAS edgec_any_8;
typedef uint16_t EDGEC_MAY_ALIAS edgec_any_16;
typedef uint32_t EDGEC_MAY_ALIAS edgec_any_32;
typedef uint64_t EDGEC_MAY_ALIAS edgec_any_64;

/* IEEE 754 infinity and quiet NaN without <math.h>. Elsewhere the literal overflows by definition of the format. */
#if defined(__GNUC__) || defined(__clang__)
#define EDGEC_INFINITY (__builtin_inff())
#define EDGEC_NAN (__builtin_nanf(""))
#else
#define EDGEC_INFINITY ((float)(1e300 * 1e300))
#define EDGEC_NAN (EDGEC_INFINITY - EDGEC_INFINITY)
#endif

/* Clamp: min(max(x, low), high); NaN stays NaN. A limit that is a constant infinity costs nothing. */
EDGEC_INLINE float edgec_clamp_f32(float x, float low, float high)
{
  const float raised = (low > -EDGEC_INFINITY && x < low) ? low : x;
  return (high < EDGEC_INFINITY && raised > high) ? high : raised;
}

#endif
