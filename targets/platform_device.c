/* The test driver's machine is a bare core: files, words and the end go through semihosting. */
#include "platform.h"
#include "semihosting.h"

extern char __stack_limit[], __stack_top[];

__attribute__((noreturn)) void platform_start(void);
__attribute__((noreturn)) void platform_fault(uintptr_t address, uintptr_t stack_pointer);

static __attribute__((noreturn)) void end(uint32_t code)
{
  const uintptr_t reason[2] = {0x20026u, code}; /* ADP_Stopped_ApplicationExit */
  for (;;) {
    semihosting(SYS_EXIT_EXTENDED, reason);
  }
}

int32_t platform_open(bool output)
{
  const char *const name = output ? "output.bin" : "input.bin";
  const uintptr_t arguments[3] = {(uintptr_t)name, output ? 5u : 1u, output ? 10u : 9u}; /* "wb" or "rb" */
  return (int32_t)semihosting(SYS_OPEN, arguments);
}

bool platform_read(int32_t file, void *data, uint32_t bytes)
{
  const uintptr_t arguments[3] = {(uintptr_t)file, (uintptr_t)data, bytes};
  return semihosting(SYS_READ, arguments) == 0; /* what is left to read */
}

bool platform_write(int32_t file, const void *data, uint32_t bytes)
{
  const uintptr_t arguments[3] = {(uintptr_t)file, (uintptr_t)data, bytes};
  return semihosting(SYS_WRITE, arguments) == 0; /* what is left to write */
}

void platform_fail(enum edgec_failure code, uint32_t sample, uint32_t detail)
{
  char words[EDGEC_WORDS_BYTES];
  platform_words(words, code, sample, detail);
  semihosting(SYS_WRITE0, words);
  end((uint32_t)code);
}

uintptr_t platform_stack_limit(uintptr_t stack_pointer)
{
  (void)stack_pointer;
  return (uintptr_t)__stack_limit;
}

/* Start-up comes here with memory as C expects it. */
void platform_start(void)
{
  end((uint32_t)driver_main());
}

/* The handler of exceptions comes here, with a new stack. */
void platform_fault(uintptr_t address, uintptr_t stack_pointer)
{
  if (stack_pointer < (uintptr_t)__stack_limit) {
    platform_fail(EDGEC_FAILURE_STACK, UINT32_MAX, (uint32_t)(__stack_top - __stack_limit));
  }
  platform_fail(EDGEC_FAILURE_FAULT, UINT32_MAX, (uint32_t)address);
}
