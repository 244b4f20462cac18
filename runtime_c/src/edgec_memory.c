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

/* Words that lie at any address, where a core's loads and stores reach those: what is not aligned to each other, as rows
   of an odd number of bytes, goes by words, too. */
#if defined(__ARM_FEATURE_UNALIGNED)
#define EDGEC_ANY_ADDRESS 1
typedef struct {
  uint32_t word;
} __attribute__((packed)) EDGEC_MAY_ALIAS edgec_word;
#else
#define EDGEC_ANY_ADDRESS 0
typedef struct {
  uint32_t word;
} EDGEC_MAY_ALIAS edgec_word;
#endif

/* Four aligned words: cores that load several registers by one instruction do. */
typedef struct {
  uint32_t words[4];
} EDGEC_MAY_ALIAS edgec_words;

static int edgec_aligned(uintptr_t address)
{
  return (address & (sizeof(edgec_word) - 1)) == 0;
}

EDGEC_LITERAL void *memcpy(void *target, const void *source, size_t count)
{
  unsigned char *to = (unsigned char *)target;
  const unsigned char *from = (const unsigned char *)source;
  const int aligned = edgec_aligned((uintptr_t)to | (uintptr_t)from);
  if (aligned) {
    for (; count >= sizeof(edgec_words); count -= sizeof(edgec_words)) {
      *(edgec_words *)(void *)to = *(const edgec_words *)(const void *)from;
      to += sizeof(edgec_words);
      from += sizeof(edgec_words);
    }
  }
  if (aligned || EDGEC_ANY_ADDRESS) {
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
    /* What a turn writes was read: the target lies apart, or before the source. */
    if (EDGEC_ANY_ADDRESS || edgec_aligned((uintptr_t)to | (uintptr_t)from)) {
      for (; count >= sizeof(edgec_word); count -= sizeof(edgec_word)) {
        const uint32_t word = ((const edgec_word *)(const void *)from)->word;
        ((edgec_word *)(void *)to)->word = word;
        to += sizeof(edgec_word);
        from += sizeof(edgec_word);
      }
    }
    for (; count > 0; --count) {
      *to++ = *from++;
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
  const uint32_t word = (uint32_t)(unsigned char)value * UINT32_C(0x01010101);
  for (; count > 0 && !edgec_aligned((uintptr_t)to); --count) {
    *to++ = (unsigned char)value;
  }
  for (; count >= sizeof(edgec_words); count -= sizeof(edgec_words)) {
    const edgec_words words = {{word, word, word, word}};
    *(edgec_words *)(void *)to = words;
    to += sizeof(edgec_words);
  }
  for (; count > 0; --count) {
    *to++ = (unsigned char)value;
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
