/* The four memory functions that compilers call on their own, for targets without a C library. Weak: where the program
   has others, those are used. */
#include "edgec/memory.h"

#if defined(__GNUC__) || defined(__clang__)
#define EDGEC_WEAK __attribute__((weak))
#else
#define EDGEC_WEAK
#endif

/* A compiler that knows these loops would turn them into calls of the very functions. */
#if defined(__clang__)
#define EDGEC_LITERAL EDGEC_WEAK __attribute__((no_builtin))
#elif defined(__GNUC__)
#define EDGEC_LITERAL EDGEC_WEAK __attribute__((optimize("no-tree-loop-distribute-patterns")))
#else
#define EDGEC_LITERAL EDGEC_WEAK
#endif

typedef uint32_t EDGEC_MAY_ALIAS edgec_word;

static int edgec_aligned(const void *a, const void *b)
{
  return (((uintptr_t)a | (uintptr_t)b) & (sizeof(edgec_word) - 1)) == 0;
}

EDGEC_LITERAL void *memcpy(void *target, const void *source, size_t count)
{
  unsigned char *to = (unsigned char *)target;
  const unsigned char *from = (const unsigned char *)source;
  if (edgec_aligned(to, from)) {
    for (; count >= sizeof(edgec_word); count -= sizeof(edgec_word)) {
      *(edgec_word *)(void *)to = *(const edgec_word *)(const void *)from;
      to += sizeof(edgec_word);
      from += sizeof(edgec_word);
    }
  }
  for (; count > 0; --count) {
    *to++ = *from++;
  }
  return target;
}

EDGEC_LITERAL void *memmove(void *target, const void *source, size_t count)
{
  unsigned char *to = (unsigned char *)target;
  const unsigned char *from = (const unsigned char *)source;
  /* Backwards where the end of the source would be overwritten before it is read. */
  if ((uintptr_t)to - (uintptr_t)from >= count) {
    for (size_t i = 0; i < count; ++i) {
      to[i] = from[i];
    }
  } else {
    for (size_t i = count; i > 0; --i) {
      to[i - 1] = from[i - 1];
    }
  }
  return target;
}

EDGEC_LITERAL void *memset(void *target, int value, size_t count)
{
  unsigned char *to = (unsigned char *)target;
  for (size_t i = 0; i < count; ++i) {
    to[i] = (unsigned char)value;
  }
  return target;
}

EDGEC_LITERAL int memcmp(const void *a, const void *b, size_t count)
{
  const unsigned char *p = (const unsigned char *)a;
  const unsigned char *q = (const unsigned char *)b;
  for (size_t i = 0; i < count; ++i) {
    if (p[i] != q[i]) {
      return p[i] < q[i] ? -1 : 1;
    }
  }
  return 0;
}
