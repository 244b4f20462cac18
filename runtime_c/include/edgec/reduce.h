/* What the reductions have in common. */
#ifndef EDGEC_REDUCE_H
#define EDGEC_REDUCE_H

#include "edgec/core.h"

/* Axes that stay and axes that are reduced, each from the outermost in, with their strides in the operand. The caller
   merges neighbours of one kind; absent axes have extent 1. */
typedef struct {
  int32_t kept[3];
  int32_t kept_stride[3];
  int32_t reduced[3];
  int32_t reduced_stride[3];
} edgec_reduce;

#endif
