/* Counting executed instructions, in a unit of the machine's own. Everything is inlined: a count must not use the stack
   that is measured. */
#ifndef EDGEC_COUNTER_H
#define EDGEC_COUNTER_H

#include <stdint.h>

#if defined(EDGEC_COUNTER_CMSDK)
/* A board of Arm's MPS2 family under QEMU's -icount, where each instruction takes EDGEC_INSTRUCTION_PS of the board's
   time. Timer 0 ticks every EDGEC_TICK_PS and wraps after 2^32 ticks; the dual timer, 2^8 times slower, tells how
   often that happened. Both count down. */
#define EDGEC_TIMER(offset) (*(volatile uint32_t *)(EDGEC_COUNTER_CMSDK + (offset)))

static inline void counter_start(void)
{
  EDGEC_TIMER(0x2000) = UINT32_MAX; /* load */
  EDGEC_TIMER(0x2008) = 0xcau;      /* control: enabled, periodic, clock / 256, 32 bits */
  EDGEC_TIMER(0x0008) = UINT32_MAX; /* reload */
  EDGEC_TIMER(0x0004) = UINT32_MAX; /* value */
  EDGEC_TIMER(0x0000) = 1u;         /* control: enabled */
}

static inline uint64_t counter_read(void)
{
  const uint32_t fine = UINT32_MAX - EDGEC_TIMER(0x0004);
  const uint64_t coarse = (uint64_t)(UINT32_MAX - EDGEC_TIMER(0x2004)) << 8;
  /* The number nearest to coarse whose low 32 bits are fine. */
  return coarse + (uint64_t)(int64_t)(int32_t)(fine - (uint32_t)coarse);
}

static inline void counter_stop(void)
{
}

#elif defined(EDGEC_COUNTER_SSE)
/* Arm's Corstone SSE-300 under QEMU's -icount: its system counter has 64 bits and ticks every EDGEC_TICK_PS. */
#define EDGEC_TIMER(offset) (*(volatile uint32_t *)(EDGEC_COUNTER_SSE + (offset)))

static inline void counter_start(void)
{
  EDGEC_TIMER(0x100000) = 1u; /* the counter's control: enabled */
}

static inline uint64_t counter_read(void)
{
  uint32_t high, low, again;
  do {
    high = EDGEC_TIMER(0x0004);
    low = EDGEC_TIMER(0x0000);
    again = EDGEC_TIMER(0x0004);
  } while (high != again);
  return ((uint64_t)high << 32) | low;
}

static inline void counter_stop(void)
{
}

#elif defined(EDGEC_COUNTER_MINSTRET)
static inline void counter_start(void)
{
}

static inline uint64_t counter_read(void)
{
#if __riscv_xlen == 64
  uint64_t count;
  __asm__ volatile(".option push\n.option arch, +zicsr\ncsrr %0, minstret\n.option pop" : "=r"(count));
  return count;
#else
  uint32_t high, low, again;
  do {
    __asm__ volatile(".option push\n.option arch, +zicsr\n"
                     "csrr %0, minstreth\ncsrr %1, minstret\ncsrr %2, minstreth\n"
                     ".option pop"
                     : "=r"(high), "=r"(low), "=r"(again));
  } while (high != again);
  return ((uint64_t)high << 32) | low;
#endif
}

static inline void counter_stop(void)
{
}

#elif defined(EDGEC_COUNTER_SEMIHOSTING)
#include "semihosting.h"

static inline void counter_start(void)
{
  semihosting(SYS_COUNTER_START, 0);
}

static inline uint64_t counter_read(void)
{
  uint64_t count = 0;
  semihosting(SYS_COUNTER_READ, &count);
  return count;
}

static inline void counter_stop(void)
{
  semihosting(SYS_COUNTER_STOP, 0);
}

#elif defined(EDGEC_COUNTER_PLUGIN)
#include "linux.h"

/* targets/qemu_counter.c writes the count into a file before each system call. */
static int32_t counter_file;

static inline void counter_start(void)
{
  counter_file = (int32_t)linux_open("counter.bin", LINUX_READ);
}

static inline uint64_t counter_read(void)
{
  uint64_t count = 0;
  linux_read_first(counter_file, &count, sizeof count);
  return count;
}

static inline void counter_stop(void)
{
}

#else
/* The host has no counter that every user may read. */
static inline void counter_start(void)
{
}

static inline uint64_t counter_read(void)
{
  return 0;
}

static inline void counter_stop(void)
{
}
#endif

/* What was counted, in instructions. */
static inline uint64_t counter_instructions(uint64_t counted)
{
#if defined(EDGEC_TICK_PS)
  return counted * EDGEC_TICK_PS / EDGEC_INSTRUCTION_PS;
#else
  return counted;
#endif
}

#endif
