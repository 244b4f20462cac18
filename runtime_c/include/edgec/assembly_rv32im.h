/* Functions in assembly for RV32IM: what their beginnings and ends have in common. */
#ifndef EDGEC_ASSEMBLY_RV32IM_H
#define EDGEC_ASSEMBLY_RV32IM_H

#include "edgec/assembly.h"

#if !defined(__riscv) || __riscv_xlen != 32 || !defined(__riscv_mul)
#error "these kernels need RV32IM: compile for the core that the model was made for"
#endif

#define EDGEC_RV32IM_EACH_SAVED(instruction, place)                                     \
  ".set edgec_place, " #place "\n"                                                      \
  ".irp saved, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, ra\n"                  \
  instruction " \\saved, edgec_place(sp)\n"                                             \
  ".set edgec_place, edgec_place + 4\n"                                                 \
  ".endr\n"

/* A frame, a multiple of 16 bytes, with what a function has to keep, 52 bytes, from `place` on. */
#define EDGEC_RV32IM_ENTER(frame, place) \
  "addi sp, sp, -" #frame "\n"           \
  EDGEC_RV32IM_EACH_SAVED("sw", place)

#define EDGEC_RV32IM_LEAVE(frame, place) \
  EDGEC_RV32IM_EACH_SAVED("lw", place)   \
  "addi sp, sp, " #frame "\n"            \
  "ret\n"

#endif
