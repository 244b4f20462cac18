/* Semihosting: the debugger, here the emulator, does what the program asks for by a marked instruction. */
#ifndef EDGEC_SEMIHOSTING_H
#define EDGEC_SEMIHOSTING_H

#include <stdint.h>

/* Operations of Arm's specification, which RISC-V shares; 0x100 and up are free for applications: edgec's emulator of
   kind unicorn counts instructions between START and STOP. Arguments are words as wide as an address. */
enum edgec_semihosting {
  SYS_OPEN = 0x01,
  SYS_WRITE0 = 0x04,
  SYS_WRITE = 0x05,
  SYS_READ = 0x06,
  SYS_EXIT_EXTENDED = 0x20,
  SYS_COUNTER_START = 0x100,
  SYS_COUNTER_READ = 0x101,
  SYS_COUNTER_STOP = 0x102
};

#if defined(__arm__)
static inline uintptr_t semihosting(uintptr_t operation, const void *argument)
{
  register uintptr_t r0 __asm__("r0") = operation;
  register const void *r1 __asm__("r1") = argument;
  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}
#elif defined(__riscv) && defined(EDGEC_COUNTER_SEMIHOSTING)
/* unicorn gives a hook for ecall, not for the marked ebreak. */
static inline uintptr_t semihosting(uintptr_t operation, const void *argument)
{
  register uintptr_t a0 __asm__("a0") = operation;
  register const void *a1 __asm__("a1") = argument;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a1) : "memory");
  return a0;
}
#else
/* Three uncompressed instructions on one page: in start_riscv.c. */
uintptr_t semihosting(uintptr_t operation, const void *argument);
#endif

#endif
