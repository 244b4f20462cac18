/* The test driver: runs a batch of samples through a model and measures the first one. The same for every machine.

   input.bin:  the number of samples (u32), then for each sample its inputs, in order
   output.bin: for each sample its outputs, in order; behind the last one, as u64: instructions and stack bytes of
               one inference, and in a profiling build (EDGEC_PROFILE) the instructions of each step

   The arena, or each of several memories, is exactly as large as the model's header says, and lies between guard bytes
   that are checked after each run; so do the caller's own buffers where inputs and outputs are not in the arena. Before
   each run all memory of the model is poisoned, so that nothing can be kept from run to run or read before it was
   written; a model that keeps states is poisoned once, and reset. */
#include "counter.h"
#include "platform.h"

#include EDGEC_MODEL_HEADER /* with EDGEC_MODEL and EDGEC_MODEL_UPPER: the model's name in both cases */

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define MODEL(name) JOIN(EDGEC_MODEL, name)
#define MACRO(name) JOIN(EDGEC_MODEL_UPPER, name)

enum {
  GUARD_BYTES = 64,
  GUARD = 0xa5,
  POISON = 0xff, /* as floats: NaN */
  STACK_PAINT = 0x5aa55aa5,
  STACK_PAINT_BYTES = 1 << 20, /* looked at, at most */
  STEPS = MACRO(_STEPS)
};

/* Several memories are blocks like the one arena. */
#if MACRO(_MEMORIES)
#define FOR_EACH_MEMORY MACRO(_FOR_EACH_MEMORY)
#else
#define FOR_EACH_MEMORY(EACH_) EACH_(arena, MACRO(_ARENA_BYTES))
#endif
/* Each has a section of its own, for which a linker script may have a region of the part. */
#if MACRO(_MEMORIES) && defined(__ELF__)
#define IN_SECTION(name) __attribute__((section(".bss.memory." #name)))
#else
#define IN_SECTION(name)
#endif
#define MEMORY(name, bytes) \
  static uint8_t memory_##name[GUARD_BYTES + (bytes) + GUARD_BYTES] IN_SECTION(name) \
    __attribute__((aligned(MACRO(_ARENA_ALIGN) > GUARD_BYTES ? MACRO(_ARENA_ALIGN) : GUARD_BYTES)));
FOR_EACH_MEMORY(MEMORY)
#define START(name) (memory_##name + GUARD_BYTES)

#if MACRO(_MEMORIES)
static const MODEL(_memories) memories = {
#define POINT(name, bytes) .name = START(name),
  FOR_EACH_MEMORY(POINT)
};
#define GIVEN &memories
#else
#define GIVEN START(arena), MACRO(_ARENA_BYTES)
#endif

static MODEL(_inputs) inputs;
static MODEL(_outputs) outputs;

typedef struct {
  uint64_t instructions;
  uint64_t stack_bytes;
#if defined(EDGEC_PROFILE)
  uint64_t steps[STEPS];
#endif
} measurements;

static void fill(uint8_t *to, uint8_t value, size_t bytes)
{
  for (size_t i = 0; i < bytes; ++i) {
    ((volatile uint8_t *)to)[i] = value; /* volatile: not by the model's own memset */
  }
}

/* Lay guards around a block of memory. */
static void guard(uint8_t *block, size_t bytes)
{
  fill(block - GUARD_BYTES, GUARD, GUARD_BYTES);
  fill(block + bytes, GUARD, GUARD_BYTES);
}

/* Fail if a guard has changed; the detail is the distance from the block. */
static void check_guards(const uint8_t *block, size_t bytes, uint32_t sample)
{
  for (uint32_t i = 1; i <= GUARD_BYTES; ++i) {
    if (*(block - i) != GUARD) {
      platform_fail(EDGEC_FAILURE_BEFORE, sample, i);
    }
    if (block[bytes + i - 1] != GUARD) {
      platform_fail(EDGEC_FAILURE_BEHIND, sample, i);
    }
  }
}

#if !MACRO(_IO_IN_ARENA)
#define BUFFER(kind, name, type, elements) \
  static struct { \
    uint8_t below[GUARD_BYTES]; \
    type data[elements]; \
    uint8_t above[GUARD_BYTES]; \
  } kind##_##name __attribute__((aligned(GUARD_BYTES)));
#define BUFFER_INPUT(name, type, elements) BUFFER(input, name, type, elements)
#define BUFFER_OUTPUT(name, type, elements) BUFFER(output, name, type, elements)
MACRO(_FOR_EACH_INPUT)(BUFFER_INPUT)
MACRO(_FOR_EACH_OUTPUT)(BUFFER_OUTPUT)
#endif

/* Give every block of the model's memory its guards, and the inputs and outputs their places. */
static void prepare(void)
{
#define GUARD_MEMORY(name, bytes) guard(START(name), bytes);
  FOR_EACH_MEMORY(GUARD_MEMORY)
#if MACRO(_IO_IN_ARENA)
  const int32_t status = MODEL(_bind)(GIVEN, &inputs, &outputs);
  if (status != 0) {
    platform_fail(EDGEC_FAILURE_STATUS, 0, (uint32_t)status);
  }
#else
#define PREPARE(kind, name) \
  guard((uint8_t *)kind##_##name.data, sizeof kind##_##name.data); \
  kind##s.name = kind##_##name.data;
#define PREPARE_INPUT(name, type, elements) PREPARE(input, name)
#define PREPARE_OUTPUT(name, type, elements) PREPARE(output, name)
  MACRO(_FOR_EACH_INPUT)(PREPARE_INPUT)
  MACRO(_FOR_EACH_OUTPUT)(PREPARE_OUTPUT)
#endif
}

/* Before a sample; `fresh`: before the first. A model that keeps states keeps its arena. */
static void poison(bool fresh)
{
  if (fresh || !MACRO(_HAS_STATES)) {
#define POISON_MEMORY(name, bytes) fill(START(name), POISON, bytes);
    FOR_EACH_MEMORY(POISON_MEMORY)
  }
#define POISON_OUTPUT(name, type, elements) fill((uint8_t *)outputs.name, POISON, (elements) * sizeof(type));
  MACRO(_FOR_EACH_OUTPUT)(POISON_OUTPUT)
}

static void check(uint32_t sample)
{
#define CHECK_MEMORY(name, bytes) check_guards(START(name), bytes, sample);
  FOR_EACH_MEMORY(CHECK_MEMORY)
#if !MACRO(_IO_IN_ARENA)
#define CHECK(kind, name) check_guards((uint8_t *)kind##_##name.data, sizeof kind##_##name.data, sample);
#define CHECK_INPUT(name, type, elements) CHECK(input, name)
#define CHECK_OUTPUT(name, type, elements) CHECK(output, name)
  MACRO(_FOR_EACH_INPUT)(CHECK_INPUT)
  MACRO(_FOR_EACH_OUTPUT)(CHECK_OUTPUT)
#endif
}

#if defined(EDGEC_PROFILE)
static struct {
  bool active;
  uint32_t step; /* the one that runs; STEPS: none */
  uint64_t since;
  uint64_t hook;
  uint64_t counts[STEPS + 1];
  uint32_t entries[STEPS + 1];
} profile;

void edgec_profile_step(unsigned int index)
{
  if (profile.active) {
    profile.counts[profile.step] += counter_read() - profile.since;
    profile.step = index;
    ++profile.entries[index];
    profile.since = counter_read();
  }
}

static void profile_begin(void)
{
  profile.active = true;
  profile.step = STEPS;
  edgec_profile_step(STEPS);
  profile.counts[STEPS] = 0;
  edgec_profile_step(STEPS); /* an empty step: what the hook itself costs */
  profile.hook = profile.counts[STEPS];
}

static void profile_end(measurements *result)
{
  profile.active = false;
  for (uint32_t i = 0; i < STEPS; ++i) {
    const uint64_t cost = profile.hook * profile.entries[i];
    result->steps[i] = counter_instructions(profile.counts[i] > cost ? profile.counts[i] - cost : 0);
  }
}
#endif

static inline uintptr_t stack_pointer(void)
{
  uintptr_t value;
#if defined(__arm__) || defined(__aarch64__)
  __asm__ volatile("mov %0, sp" : "=r"(value));
#elif defined(__riscv)
  __asm__ volatile("mv %0, sp" : "=r"(value));
#elif defined(__x86_64__)
  __asm__ volatile("movq %%rsp, %0" : "=r"(value));
#else
#error "name the stack pointer of this architecture"
#endif
  return value;
}

static int32_t run(void)
{
  return MODEL(_run)(GIVEN, &inputs, &outputs);
}

/* Run with the stack below this function painted and the instructions counted. */
static __attribute__((noinline)) int32_t run_measured(measurements *result, uint32_t sample)
{
  const uintptr_t top = stack_pointer();
  uintptr_t limit = platform_stack_limit(top);
  if (top - limit > STACK_PAINT_BYTES) {
    limit = top - STACK_PAINT_BYTES;
  }
  for (volatile uint32_t *p = (volatile uint32_t *)top; (uintptr_t)p > limit;) {
    *--p = STACK_PAINT;
  }

  counter_start();
#if defined(EDGEC_PROFILE)
  profile_begin();
#endif
  const uint64_t start = counter_read();
  const uint64_t begin = counter_read();
  const int32_t status = MODEL(_run)(GIVEN, &inputs, &outputs);
  const uint64_t end = counter_read();
  counter_stop();

  const volatile uint32_t *lowest = (const volatile uint32_t *)limit;
  if (*lowest != STACK_PAINT) {
    platform_fail(EDGEC_FAILURE_STACK, sample, (uint32_t)(top - limit));
  }
  while ((uintptr_t)lowest < top && *lowest == STACK_PAINT) {
    ++lowest;
  }
  result->stack_bytes = top - (uintptr_t)lowest;
  result->instructions = counter_instructions((end - begin) - (begin - start)); /* less what reading costs */
#if defined(EDGEC_PROFILE)
  profile_end(result);
#endif
  return status;
}

static char *put_hex(char *to, uint32_t value)
{
  for (int shift = 28; shift >= 0; shift -= 4) {
    const uint32_t digit = (value >> shift) & 15u;
    *to++ = (char)(digit < 10u ? '0' + digit : 'a' + digit - 10u);
  }
  return to;
}

void platform_words(char words[EDGEC_WORDS_BYTES], enum edgec_failure code, uint32_t sample, uint32_t detail)
{
  static const char start[] = "edgec-failure ";
  char *to = words;
  for (const char *from = start; *from != '\0'; ++from) {
    *to++ = *from;
  }
  to = put_hex(to, (uint32_t)code);
  *to++ = ' ';
  to = put_hex(to, sample);
  *to++ = ' ';
  to = put_hex(to, detail);
  *to++ = '\n';
  *to = '\0';
}

static void transfer(bool done, uint32_t sample)
{
  if (!done) {
    platform_fail(EDGEC_FAILURE_FILE, sample, 0);
  }
}

int driver_main(void)
{
  static measurements result;
  const int32_t input = platform_open(false);
  const int32_t output = platform_open(true);
  uint32_t samples = 0;
  transfer(input >= 0 && output >= 0 && platform_read(input, &samples, sizeof samples), 0);
  prepare();
  for (uint32_t sample = 0; sample < samples; ++sample) {
    poison(sample == 0);
#if MACRO(_HAS_STATES)
    if (sample == 0) {
      transfer(MODEL(_reset)(GIVEN) == 0, sample);
    }
#endif
#define READ(name, type, elements) transfer(platform_read(input, inputs.name, (elements) * sizeof(type)), sample);
    MACRO(_FOR_EACH_INPUT)(READ)
    const int32_t status = sample == 0 ? run_measured(&result, sample) : run();
    if (status != 0) {
      platform_fail(EDGEC_FAILURE_STATUS, sample, (uint32_t)status);
    }
    check(sample);
#define WRITE(name, type, elements) transfer(platform_write(output, outputs.name, (elements) * sizeof(type)), sample);
    MACRO(_FOR_EACH_OUTPUT)(WRITE)
  }
  transfer(platform_write(output, &result, sizeof result), samples);
  return 0;
}
