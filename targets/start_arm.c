/* Start-up of Arm Cortex-M: vectors, memory, floating point. */
#include <stdint.h>

extern uint32_t __stack_top[], __data_load[], __data_start[], __data_end[], __bss_start[], __bss_end[];

__attribute__((noreturn)) void platform_start(void);
void _start(void);
void fault_handler(void);

#define CONFIGURATION (*(volatile uint32_t *)0xe000ed14u)    /* CCR */
#define COPROCESSOR_ACCESS (*(volatile uint32_t *)0xe000ed88u) /* CPACR */

void _start(void)
{
#if !defined(__ARM_FEATURE_UNALIGNED)
  CONFIGURATION |= 1u << 3; /* UNALIGN_TRP: a larger core, standing in for one that cannot, must not either */
#endif
#if defined(__ARM_FP)
  COPROCESSOR_ACCESS |= 0xfu << 20;
  __asm__ volatile("dsb\nisb" ::: "memory");
#endif
  const volatile uint32_t *from = __data_load;
  for (volatile uint32_t *to = __data_start; to < __data_end; ++to) {
    *to = *from++;
  }
  for (volatile uint32_t *to = __bss_start; to < __bss_end; ++to) {
    *to = 0;
  }
  platform_start();
}

/* The core has pushed r0-r3, r12, lr and the address of the instruction that failed. */
__attribute__((naked)) void fault_handler(void)
{
  __asm__ volatile("mov r0, sp\nldr r0, [r0, #24]\nbl platform_fault");
}

#define FAULT ((uintptr_t)fault_handler)
__attribute__((section(".start"), used)) const uintptr_t vectors[16] = {
  (uintptr_t)__stack_top, (uintptr_t)_start, FAULT, FAULT, FAULT, FAULT, FAULT, 0, 0, 0, 0,
  FAULT, FAULT, 0, FAULT, FAULT
};
