/* Start-up of Arm Cortex-M: vectors, memory and its protection, floating point. */
#include <stdint.h>

extern uint32_t __stack_limit[], __stack_top[], __data_load[], __data_start[], __data_end[], __bss_start[], __bss_end[];
extern char __flash_start[], __flash_last[], __flash_log2[], __ram_start[], __ram_last[], __ram_log2[];

__attribute__((noreturn)) void platform_start(void);
__attribute__((noreturn)) void platform_fault(uintptr_t address, uintptr_t stack_pointer);
void _start(void);
void fault_handler(void);

#define SYSTEM(offset) (*(volatile uint32_t *)(0xe000e000u + (offset)))
#define CONFIGURATION SYSTEM(0xd14u)      /* CCR */
#define COPROCESSOR_ACCESS SYSTEM(0xd88u) /* CPACR */
#define MPU_CONTROL SYSTEM(0xd94u)
#define MPU_REGION SYSTEM(0xd98u)
#define MPU_BASE SYSTEM(0xd9cu)
#define MPU_LIMIT SYSTEM(0xda0u) /* before Armv8-M: attributes and size */

/* Flash is read-only, RAM and the devices of a board may be written, everything else faults. */
static void protect_memory(void)
{
#define ADDRESS(symbol) ((uint32_t)(uintptr_t)(symbol))
#if __ARM_ARCH >= 8
  SYSTEM(0xdc0u) = 0x0044u; /* attributes: 0 is normal memory without a cache, 1 is device memory */
#define PROTECT(number, start, last, access, attributes) \
  MPU_REGION = (number); \
  MPU_BASE = (start) | (access); \
  MPU_LIMIT = ((last) & ~31u) | (attributes) << 1 | 1u;
  PROTECT(0u, ADDRESS(__flash_start), ADDRESS(__flash_last), 6u, 0u)
  PROTECT(1u, ADDRESS(__ram_start), ADDRESS(__ram_last), 2u, 0u)
  PROTECT(2u, 0x40000000u, 0x5fffffffu, 2u, 1u)
#else
  /* Sizes are powers of two, here rounded up. */
#define PROTECT(number, start, log2, access) \
  MPU_REGION = (number); \
  MPU_BASE = (start); \
  MPU_LIMIT = (access) << 24 | ((log2) - 1u) << 1 | 1u;
  PROTECT(0u, ADDRESS(__flash_start), ADDRESS(__flash_log2), 6u)
  PROTECT(1u, ADDRESS(__ram_start), ADDRESS(__ram_log2), 3u)
  PROTECT(2u, 0x40000000u, 29u, 3u)
#endif
  MPU_CONTROL = 1u;
  __asm__ volatile("dsb\nisb" ::: "memory");
}

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
  protect_memory();
  platform_start();
}

/* The core has pushed r0-r3, r12, lr and the address of the instruction that failed, if there was room for them. */
__attribute__((used)) static void fault(const uint32_t *frame)
{
  platform_fault((uintptr_t)frame < (uintptr_t)__stack_limit ? 0u : frame[6], (uintptr_t)frame);
}

__attribute__((naked)) void fault_handler(void)
{
  __asm__ volatile("mov r0, sp\nldr r1, =__stack_top\nmov sp, r1\nbl fault\n.ltorg");
}

#define FAULT ((uintptr_t)fault_handler)
__attribute__((section(".start"), used)) const uintptr_t vectors[16] = {
  (uintptr_t)__stack_top, (uintptr_t)_start, FAULT, FAULT, FAULT, FAULT, FAULT, 0, 0, 0, 0,
  FAULT, FAULT, 0, FAULT, FAULT
};
