/* The test driver's machine is a process of Linux without a C library. */
#include "platform.h"

#include "linux.h"

enum { STACK_BYTES = 1 << 20 };

void start_process(void);

static __attribute__((noreturn)) void end(int32_t code)
{
  for (;;) {
    linux_call(CALL_EXIT, code, NULL, 0, 0);
  }
}

int32_t platform_open(bool output)
{
  return (int32_t)linux_open(output ? "output.bin" : "input.bin", output ? LINUX_WRITE : LINUX_READ);
}

static bool transfer(intptr_t call, int32_t file, const void *data, uint32_t bytes)
{
  const char *place = data;
  while (bytes > 0) {
    const intptr_t done = linux_call(call, file, place, bytes, 0);
    if (done <= 0) {
      return false;
    }
    place += done;
    bytes -= (uint32_t)done;
  }
  return true;
}

bool platform_read(int32_t file, void *data, uint32_t bytes)
{
  return transfer(CALL_READ, file, data, bytes);
}

bool platform_write(int32_t file, const void *data, uint32_t bytes)
{
  return transfer(CALL_WRITE, file, data, bytes);
}

void platform_fail(enum edgec_failure code, uint32_t sample, uint32_t detail)
{
  char words[EDGEC_WORDS_BYTES];
  platform_words(words, code, sample, detail);
  transfer(CALL_WRITE, LINUX_STANDARD_ERROR, words, sizeof words - 1);
  end((int32_t)code);
}

uintptr_t platform_stack_limit(uintptr_t stack_pointer)
{
  return stack_pointer - STACK_BYTES;
}

__attribute__((used)) void start_process(void)
{
  end(driver_main());
}

/* The kernel aligns the stack pointer as functions expect it, but has pushed no return address. */
__asm__(
#if defined(__thumb__)
  ".thumb_func\n"
#endif
  ".globl _start\n"
  "_start:\n"
  "bl start_process\n");
