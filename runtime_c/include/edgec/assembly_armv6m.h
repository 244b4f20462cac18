/* Functions in assembly for Armv6-M: what their beginnings and ends have in common, and how sums become codes. */
#ifndef EDGEC_ASSEMBLY_ARMV6M_H
#define EDGEC_ASSEMBLY_ARMV6M_H

#include "edgec/assembly.h"

#if !defined(__ARM_ARCH_6M__) && !defined(__ARM_ARCH_7M__)
#error "these kernels are for Armv6-M and Armv7-M: compile for the core that the model was made for"
#endif

/* A frame of so many bytes, behind what a function has to keep. Clobbers r4-r7. */
#define EDGEC_ARMV6M_ENTER(frame) \
  ".syntax unified\n"             \
  "push {r4-r7, lr}\n"            \
  "mov r4, r8\n"                  \
  "mov r5, r9\n"                  \
  "mov r6, r10\n"                 \
  "mov r7, r11\n"                 \
  "push {r4-r7}\n"                \
  "sub sp, #" #frame "\n"

#define EDGEC_ARMV6M_LEAVE(frame) \
  "add sp, #" #frame "\n"         \
  "pop {r4-r7}\n"                 \
  "mov r8, r4\n"                  \
  "mov r9, r5\n"                  \
  "mov r10, r6\n"                 \
  "mov r11, r7\n"                 \
  "pop {r4-r7, pc}\n"

/* A run of elements, four a turn; the first turn has what is left. r0 becomes minus the count, which is at `place` on the stack, pointers the ends; `body` is so many bytes of code. */
#define EDGEC_ARMV6M_RUN(place, pointers, bytes, body) \
  "ldr r5, [sp, #" #place "]\n"                        \
  ".irp pointer, " pointers "\n"                       \
  "add \\pointer, r5\n"                                \
  ".endr\n"                                            \
  "rsbs r0, r5, #0\n"                                  \
  "movs r4, #3\n"                                      \
  "ands r4, r0\n"                                      \
  "movs r5, #" #bytes "\n"                             \
  "muls r4, r5, r4\n"                                  \
  "add pc, r4\n"                                       \
  "nop\n"                                              \
  "1:\n"                                               \
  body(1)                                              \
  body(2)                                              \
  body(3)                                              \
  body(4)                                              \
  "bne 1b\n"

/* Codes without a long multiplication. A sum begins so that it is 0 where the smallest code ends: u. With a factor
   whole + part / 2^14 code generation proves, threshold by threshold, that the code of each u from 0 to `last` is
     (u * whole + (u * part >> 14) + begin) >> 24
   and of any other u that of 0 or `last`. u in r5, whole in r1, part in r2, begin in r3, last in r4; the code in r0. */
#define EDGEC_ARMV6M_CODE(n)  \
  "cmp r5, r4\n"              \
  "bhi 7" #n "f\n"            \
  "6" #n ":\n"                \
  "movs r0, r5\n"             \
  "muls r0, r1, r0\n"         \
  "muls r5, r2, r5\n"         \
  "lsrs r5, r5, #14\n"        \
  "adds r0, r0, r3\n"         \
  "adds r0, r0, r5\n"         \
  "lsrs r0, r0, #24\n"        \
  "8" #n ":\n"

/* Out of the way: u beyond its range. */
#define EDGEC_ARMV6M_BEYOND(n) \
  "7" #n ":\n"                 \
  "lsrs r0, r3, #24\n"         \
  "cmp r5, #0\n"               \
  "blt 8" #n "b\n"             \
  "movs r5, r4\n"              \
  "b 6" #n "b\n"

/* The same with a factor whole + part / 2^11 + rest / 2^22, where u is larger. rest in r4, last at r6; clobbers r12. */
#define EDGEC_ARMV6M_LONG_CODE(n) \
  "ldr r0, [r6]\n"                \
  "cmp r5, r0\n"                  \
  "bhi 7" #n "f\n"                \
  "6" #n ":\n"                    \
  "mov r12, r5\n"                 \
  "muls r5, r4, r5\n"             \
  "mov r0, r12\n"                 \
  "lsrs r5, r5, #11\n"            \
  "muls r0, r2, r0\n"             \
  "adds r5, r5, r0\n"             \
  "mov r0, r12\n"                 \
  "lsrs r5, r5, #11\n"            \
  "muls r0, r1, r0\n"             \
  "adds r0, r0, r3\n"             \
  "adds r0, r0, r5\n"             \
  "lsrs r0, r0, #24\n"            \
  "8" #n ":\n"

#define EDGEC_ARMV6M_LONG_BEYOND(n) \
  "7" #n ":\n"                      \
  "lsrs r0, r3, #24\n"              \
  "cmp r5, #0\n"                    \
  "blt 8" #n "b\n"                  \
  "ldr r5, [r6]\n"                  \
  "b 6" #n "b\n"

#endif
