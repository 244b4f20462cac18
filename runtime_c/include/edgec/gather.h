/* What gathers by indices of different types have in common. */
#ifndef EDGEC_GATHER_H
#define EDGEC_GATHER_H

#include "edgec/core.h"
#include "edgec/memory.h"

/* x is [outer][extent] of items of `bytes`, y is [outer][count] of them. */
typedef struct {
  int32_t outer;
  int32_t extent;
  int32_t count;
  int32_t bytes;
} edgec_gather;

/* Define kernel edgec_gather_<suffix>: y[o][i] = x[o][indices[i]]. An index outside 0 .. extent - 1 takes the nearest
   inside: whatever the caller's data are, nothing outside x is read. */
#define EDGEC_GATHER_KERNEL(suffix, type)                                                                                   \
  EDGEC_KERNEL void edgec_gather_##suffix(const edgec_gather *op, const void *x, const type *indices, void *y)        \
  {                                                                                                                   \
    const unsigned char *from = (const unsigned char *)x;                                                             \
    unsigned char *to = (unsigned char *)y;                                                                           \
    for (int32_t o = 0; o < op->outer; ++o) {                                                                         \
      for (int32_t i = 0; i < op->count; ++i) {                                                                       \
        const type raised = indices[i] < 0 ? 0 : indices[i];                                                          \
        const int32_t index = raised < op->extent ? (int32_t)raised : op->extent - 1;                                 \
        EDGEC_MEMCPY(to, from + (ptrdiff_t)index * op->bytes, (size_t)op->bytes);                                     \
        to += op->bytes;                                                                                              \
      }                                                                                                               \
      from += (ptrdiff_t)op->extent * op->bytes;                                                                      \
    }                                                                                                                 \
  }

#endif
