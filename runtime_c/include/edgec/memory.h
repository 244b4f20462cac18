/* The four functions of <string.h> that compilers call on their own. Bare metal gets them from src/edgec_memory.c. */
#ifndef EDGEC_MEMORY_H
#define EDGEC_MEMORY_H

#include "edgec/core.h"

void *memcpy(void *target, const void *source, size_t count);
void *memmove(void *target, const void *source, size_t count);
void *memset(void *target, int value, size_t count);
int memcmp(const void *a, const void *b, size_t count);

/* The built-in form lets the compiler write a short copy of constant length in place. */
#if defined(__GNUC__) || defined(__clang__)
#define EDGEC_MEMCPY(target, source, count) __builtin_memcpy((target), (source), (count))
#else
#define EDGEC_MEMCPY(target, source, count) memcpy((target), (source), (count))
#endif

#endif
