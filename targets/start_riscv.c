/* Start-up of RISC-V in machine mode: registers, memory and its protection, and the handler of traps. */
#include <stdint.h>

extern uint32_t __data_load[], __data_start[], __data_end[], __bss_start[], __bss_end[];

__attribute__((noreturn)) void platform_start(void);
void start_memory(void);

__asm__(
  ".section .start, \"ax\"\n"
  ".globl _start\n"
  "_start:\n"
  ".option push\n"
  ".option norelax\n"
  "la gp, __global_pointer$\n"
  ".option pop\n"
  "la sp, __stack_top\n"
  "la t0, trap_handler\n"
  ".option push\n"
  ".option arch, +zicsr\n"
  "csrw mtvec, t0\n"
#if defined(__riscv_flen)
  "li t0, 0x6600\n" /* mstatus.FS and .VS: floating point and vectors are on */
  "csrs mstatus, t0\n"
#endif
#if !defined(EDGEC_COUNTER_SEMIHOSTING) /* unicorn protects flash on its own */
  /* Physical memory protection, locked so that it binds machine mode: flash is read-only, RAM may be written,
     everything else faults. A range has two entries, of which the first is only its start. */
  "la t0, __flash_start\n"
  "srli t0, t0, 2\n"
  "csrw pmpaddr0, t0\n"
  "la t0, __flash_end\n"
  "srli t0, t0, 2\n"
  "csrw pmpaddr1, t0\n"
  "la t0, __ram_start\n"
  "srli t0, t0, 2\n"
  "csrw pmpaddr2, t0\n"
  "la t0, __ram_end\n"
  "srli t0, t0, 2\n"
  "csrw pmpaddr3, t0\n"
  "li t0, -1\n"
  "csrw pmpaddr4, t0\n"
#if __riscv_xlen == 32
  "li t0, 0x8b008d00\n"
  "csrw pmpcfg0, t0\n"
  "li t0, 0x98\n"
  "csrw pmpcfg1, t0\n"
#else
  "li t0, 0x988b008d00\n"
  "csrw pmpcfg0, t0\n"
#endif
#endif
  ".option pop\n"
  "call start_memory\n"
  ".balign 4\n"
  "trap_handler:\n"
  ".option push\n"
  ".option arch, +zicsr\n"
  "csrr a0, mepc\n"
  ".option pop\n"
  "mv a1, sp\n"
  "la sp, __stack_top\n" /* there may be no stack left */
  "call platform_fault\n"
  ".text\n");

#if !defined(EDGEC_COUNTER_SEMIHOSTING)
/* The marked sequence of RISC-V semihosting: uncompressed, and aligned so as not to cross a page. */
__asm__(
  ".section .text.semihosting, \"ax\"\n"
  ".balign 16\n"
  ".globl semihosting\n"
  ".type semihosting, @function\n"
  "semihosting:\n"
  ".option push\n"
  ".option norelax\n"
  ".option norvc\n"
  "slli x0, x0, 0x1f\n"
  "ebreak\n"
  "srai x0, x0, 7\n"
  "ret\n"
  ".option pop\n"
  ".text\n");
#endif

__attribute__((used)) void start_memory(void)
{
  const volatile uint32_t *from = __data_load;
  for (volatile uint32_t *to = __data_start; to < __data_end; ++to) {
    *to = *from++;
  }
  for (volatile uint32_t *to = __bss_start; to < __bss_end; ++to) {
    *to = 0;
  }
  platform_start();
}
