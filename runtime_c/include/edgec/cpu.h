/* Whether the CPU has the features that a model was compiled for. The model's source defines EDGEC_CPU_NEEDS, the bits
   of all of them, before it includes this file; `<model>_check` begins with edgec_cpu_serves.

   x86-64: by cpuid and xgetbv, the latter because the operating system has to keep the wide registers, too. cpuid takes
   microseconds in virtual machines, so that its answer is kept in the one variable that is written; threads that write it
   at once write the same. aarch64: by the C library's getauxval; a program without it (or one that is linked statically,
   which takes no part of a library for a weak symbol) is not tested, and runs on what its target says. */
#ifndef EDGEC_CPU_H
#define EDGEC_CPU_H

#include <stdint.h>

/* As /proc/cpuinfo names them. */
enum {
  EDGEC_CPU_ABM = 1 << 0,
  EDGEC_CPU_AVX = 1 << 1,
  EDGEC_CPU_AVX2 = 1 << 2,
  EDGEC_CPU_BMI1 = 1 << 3,
  EDGEC_CPU_BMI2 = 1 << 4,
  EDGEC_CPU_F16C = 1 << 5,
  EDGEC_CPU_FMA = 1 << 6,
  EDGEC_CPU_MOVBE = 1 << 7,
  EDGEC_CPU_POPCNT = 1 << 8,
  EDGEC_CPU_AVX512F = 1 << 9,
  EDGEC_CPU_AVX512BW = 1 << 10,
  EDGEC_CPU_AVX512CD = 1 << 11,
  EDGEC_CPU_AVX512DQ = 1 << 12,
  EDGEC_CPU_AVX512VL = 1 << 13,
  EDGEC_CPU_AVX512_VNNI = 1 << 14,
  EDGEC_CPU_ASIMD = 1 << 15,
  EDGEC_CPU_ASIMDDP = 1 << 16,
  EDGEC_CPU_ASIMDRDM = 1 << 17,
  EDGEC_CPU_ATOMICS = 1 << 18,
  EDGEC_CPU_CRC32 = 1 << 19,
  EDGEC_CPU_AMX_TILE = 1 << 20,
  EDGEC_CPU_AMX_INT8 = 1 << 21,
  EDGEC_CPU_AVX512VBMI = 1 << 22,
  EDGEC_CPU_KNOWN = 1 << 30 /* so that what was found is never 0 */
};

/* EDGEC_CPU_PLAIN: a function without the very instructions that it tests for. */
#if defined(__x86_64__)
#define EDGEC_CPU_PLAIN static __attribute__((noinline, unused, target("no-avx")))

EDGEC_CPU_PLAIN void edgec_cpu_id(uint32_t leaf, uint32_t found[4])
{
  __asm__ volatile("cpuid" : "=a"(found[0]), "=b"(found[1]), "=c"(found[2]), "=d"(found[3]) : "a"(leaf), "c"(0));
}

/* Linux gives tiles to processes that ask for them: arch_prctl(ARCH_REQ_XCOMP_PERM, XTILEDATA). */
EDGEC_CPU_PLAIN int32_t edgec_cpu_may_use_tiles(void)
{
#if defined(__linux__)
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(158l), "D"(0x1023l), "S"(18l) : "rcx", "r11", "memory");
  return result == 0;
#else
  return 0;
#endif
}

EDGEC_CPU_PLAIN int32_t edgec_cpu_find(void)
{
  /* leaf, register, bit, feature; wide: what the operating system has to keep (bits of XCR0) */
  static const struct {
    uint32_t leaf, reg, bit, keeps;
    int32_t feature;
  } table[] = {
    {0x80000001u, 2, 5, 0, EDGEC_CPU_ABM},
    {1, 2, 28, 0x06, EDGEC_CPU_AVX},
    {7, 1, 5, 0x06, EDGEC_CPU_AVX2},
    {7, 1, 3, 0, EDGEC_CPU_BMI1},
    {7, 1, 8, 0, EDGEC_CPU_BMI2},
    {1, 2, 29, 0x06, EDGEC_CPU_F16C},
    {1, 2, 12, 0x06, EDGEC_CPU_FMA},
    {1, 2, 22, 0, EDGEC_CPU_MOVBE},
    {1, 2, 23, 0, EDGEC_CPU_POPCNT},
    {7, 1, 16, 0xe6, EDGEC_CPU_AVX512F},
    {7, 1, 30, 0xe6, EDGEC_CPU_AVX512BW},
    {7, 1, 28, 0xe6, EDGEC_CPU_AVX512CD},
    {7, 1, 17, 0xe6, EDGEC_CPU_AVX512DQ},
    {7, 1, 31, 0xe6, EDGEC_CPU_AVX512VL},
    {7, 2, 11, 0xe6, EDGEC_CPU_AVX512_VNNI},
    {7, 2, 1, 0xe6, EDGEC_CPU_AVX512VBMI},
    {7, 3, 24, 0x600e6, EDGEC_CPU_AMX_TILE},
    {7, 3, 25, 0x600e6, EDGEC_CPU_AMX_INT8},
  };
  int32_t has = EDGEC_CPU_KNOWN;
  uint32_t found[4], kept = 0;
  edgec_cpu_id(1, found);
  if (found[2] >> 27 & 1) { /* OSXSAVE: there is xgetbv */
    uint32_t high;
    __asm__ volatile("xgetbv" : "=a"(kept), "=d"(high) : "c"(0));
  }
  for (uint32_t i = 0; i < sizeof table / sizeof table[0]; ++i) {
    edgec_cpu_id(table[i].leaf & 0x80000000u, found); /* the highest leaf that there is */
    if (found[0] >= table[i].leaf && (kept & table[i].keeps) == table[i].keeps) {
      edgec_cpu_id(table[i].leaf, found);
      has |= (found[table[i].reg] >> table[i].bit & 1) ? table[i].feature : 0;
    }
  }
  if ((EDGEC_CPU_NEEDS) & has & EDGEC_CPU_AMX_TILE) {
    has &= edgec_cpu_may_use_tiles() ? has : ~EDGEC_CPU_AMX_TILE;
  }
  return has;
}
#elif defined(__aarch64__) && defined(__linux__)
#define EDGEC_CPU_PLAIN static __attribute__((noinline, unused))

extern unsigned long getauxval(unsigned long) __attribute__((weak));

EDGEC_CPU_PLAIN int32_t edgec_cpu_find(void)
{
  enum { HWCAPS = 16 };
  const unsigned long caps = getauxval != 0 ? getauxval(HWCAPS) : ~0ul;
  int32_t has = EDGEC_CPU_KNOWN;
  has |= (caps >> 1 & 1) ? EDGEC_CPU_ASIMD : 0;
  has |= (caps >> 7 & 1) ? EDGEC_CPU_CRC32 : 0;
  has |= (caps >> 8 & 1) ? EDGEC_CPU_ATOMICS : 0;
  has |= (caps >> 12 & 1) ? EDGEC_CPU_ASIMDRDM : 0;
  has |= (caps >> 20 & 1) ? EDGEC_CPU_ASIMDDP : 0;
  return has;
}
#else
#define EDGEC_CPU_PLAIN static

static int32_t edgec_cpu_find(void)
{
  return -1; /* nothing tells */
}
#endif

/* Whether all needed features are there. EDGEC_CPU_HAS: pretend that these are, for tests. */
EDGEC_CPU_PLAIN int32_t edgec_cpu_serves(void)
{
#if defined(EDGEC_CPU_HAS)
  const int32_t has = EDGEC_CPU_HAS;
#elif defined(__GNUC__) || defined(__clang__)
  static int32_t kept;
  int32_t has = __atomic_load_n(&kept, __ATOMIC_RELAXED);
  if (has == 0) {
    has = edgec_cpu_find();
    __atomic_store_n(&kept, has, __ATOMIC_RELAXED);
  }
#else
  const int32_t has = edgec_cpu_find();
#endif
  return (has & (EDGEC_CPU_NEEDS)) == (EDGEC_CPU_NEEDS);
}

#endif
