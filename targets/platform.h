/* What the test driver asks of a machine: files, an end, the room for the stack. */
#ifndef EDGEC_PLATFORM_H
#define EDGEC_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Why a program ends, as its exit code and in its last words; edgec/devices/execution.py says it to the user. */
enum edgec_failure {
  EDGEC_FAILURE_FILE = 64, /* the samples cannot be read, or the results not written */
  EDGEC_FAILURE_STATUS,    /* the model returned an error code: the detail */
  EDGEC_FAILURE_BEFORE,    /* bytes below the arena or a buffer of the caller were written */
  EDGEC_FAILURE_BEHIND,    /* bytes above it were written */
  EDGEC_FAILURE_STACK,     /* no stack was left */
  EDGEC_FAILURE_FAULT      /* the core took an exception; the detail is the address of the instruction */
};

/* Opens input.bin for reading, or output.bin for writing. Returns a handle, negative where that fails. */
int32_t platform_open(bool output);

/* Read or write exactly that many bytes; false where that fails. */
bool platform_read(int32_t file, void *data, uint32_t bytes);
bool platform_write(int32_t file, const void *data, uint32_t bytes);

/* Prints the words below and ends with the code. */
__attribute__((noreturn)) void platform_fail(enum edgec_failure code, uint32_t sample, uint32_t detail);

/* The lowest address that the stack may reach. */
uintptr_t platform_stack_limit(uintptr_t stack_pointer);

enum { EDGEC_WORDS_BYTES = 14 + 3 * 9 + 1 };

/* Writes "edgec-failure CODE SAMPLE DETAIL" in hexadecimal, with a newline: in driver.c. */
void platform_words(char words[EDGEC_WORDS_BYTES], enum edgec_failure code, uint32_t sample, uint32_t detail);

/* The driver itself, which the machine starts: in driver.c. Returns the exit code. */
int driver_main(void);

#endif
