/* Functions in assembly: kernels that need every register of a core. */
#ifndef EDGEC_ASSEMBLY_H
#define EDGEC_ASSEMBLY_H

#include "edgec/core.h"

/* A function whose body is one asm statement; it keeps to the calling convention by itself, and no compiler may draw
   conclusions from what its arguments look like. */
#if defined(__clang__)
#define EDGEC_ASSEMBLY static __attribute__((naked, noinline, unused))
#else
#define EDGEC_ASSEMBLY static __attribute__((naked, noipa, unused))
#endif
#define EDGEC_ARGUMENT __attribute__((unused))

#endif
