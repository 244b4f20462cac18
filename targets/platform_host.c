/* The test driver's machine is a process: files are files. */
#include "platform.h"

#include <stdio.h>
#include <stdlib.h>

enum { STACK_BYTES = 1 << 20 };

static FILE *files[2];

int32_t platform_open(bool output)
{
  files[output] = fopen(output ? "output.bin" : "input.bin", output ? "wb" : "rb");
  if (files[output] != NULL) {
    /* Each sample's outputs appear at once: their number is the progress. */
    setvbuf(files[output], NULL, output ? _IONBF : _IOFBF, 1 << 16);
  }
  return files[output] != NULL ? output : -1;
}

bool platform_read(int32_t file, void *data, uint32_t bytes)
{
  return fread(data, 1, bytes, files[file]) == bytes;
}

bool platform_write(int32_t file, const void *data, uint32_t bytes)
{
  return fwrite(data, 1, bytes, files[file]) == bytes;
}

void platform_fail(enum edgec_failure code, uint32_t sample, uint32_t detail)
{
  char words[EDGEC_WORDS_BYTES];
  platform_words(words, code, sample, detail);
  fputs(words, stderr);
  exit((int)code);
}

uintptr_t platform_stack_limit(uintptr_t stack_pointer)
{
  return stack_pointer - STACK_BYTES;
}

int main(void)
{
  return driver_main();
}
