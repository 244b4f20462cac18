/* Runs the models of a batch, each in a process of its own, so that one that crashes or hangs takes no other with it.

   batch ENTRIES INPUTS OUTPUTS SECONDS
   ENTRIES is a text file, for each model: bytes of its inputs, of what INPUTS holds for it, and of its outputs. OUTPUTS
   is written likewise. Prints for each model its index and how it ended: a code below, or -signal. What a model's
   process says goes to standard error, behind a line "@@". */
#define _POSIX_C_SOURCE 200809L
#include "suite_batch.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern const suite_entry *const suite_entries[];
extern const size_t suite_count;

enum {
  ENDED_WELL = 0,
  ENDED_ERROR = 1,   /* the model returned an error code */
  ENDED_SIZES = 2,   /* the header's sizes are not those that the compiler says */
  ENDED_GUARDS = 3,  /* it wrote outside of its arena */
  ENDED_STALE = 4,   /* its outputs depend on what was in the arena before */
  ENDED_HARNESS = 5, /* no memory, or no file */
  GUARD = 0xa5
};

#if defined(__SANITIZE_ADDRESS__)
static const size_t guard_bytes = 0; /* the sanitizer guards the block itself, against reading, too */
#else
static const size_t guard_bytes = 256;
#endif

static int run(const suite_entry *entry, const unsigned char *inputs, unsigned char *outputs, int poison)
{
  const size_t align = entry->arena_align > 64 ? entry->arena_align : 64;
  void *block = NULL;
  if (posix_memalign(&block, align, guard_bytes + entry->arena_bytes + guard_bytes) != 0) {
    return ENDED_HARNESS;
  }
  unsigned char *const arena = (unsigned char *)block + guard_bytes;
  unsigned char *const behind = arena + entry->arena_bytes;
  memset(block, GUARD, guard_bytes);
  memset(behind, GUARD, guard_bytes);
  memset(arena, poison, entry->arena_bytes);
  const int32_t status = entry->run(arena, inputs, outputs);
  if (status != 0) {
    fprintf(stderr, "returned %ld\n", (long)status);
    return ENDED_ERROR;
  }
  for (size_t i = 0; i < guard_bytes; ++i) {
    if (*(arena - i - 1) != GUARD || behind[i] != GUARD) {
      return ENDED_GUARDS;
    }
  }
  free(block);
  return ENDED_WELL;
}

static int run_entry(const suite_entry *entry, int in, off_t in_at, int out, off_t out_at)
{
  unsigned char *const inputs = malloc(entry->input_bytes);
  unsigned char *const outputs = malloc(entry->output_bytes);
  unsigned char *const again = malloc(entry->output_bytes);
  if (pread(in, inputs, entry->input_bytes, in_at) != (ssize_t)entry->input_bytes) {
    return ENDED_HARNESS;
  }
  int ended = run(entry, inputs, outputs, 0xff);
  if (ended == ENDED_WELL) {
    ended = run(entry, inputs, again, 0x5a);
  }
  if (ended == ENDED_WELL && entry->output_bytes > 0 && memcmp(outputs, again, entry->output_bytes) != 0) {
    ended = ENDED_STALE;
  }
  if (pwrite(out, outputs, entry->output_bytes, out_at) != (ssize_t)entry->output_bytes) {
    ended = ENDED_HARNESS;
  }
  return ended;
}

int main(int argc, char **argv)
{
  if (argc != 5) {
    return 2;
  }
  FILE *const sizes = fopen(argv[1], "r");
  const int in = open(argv[2], O_RDONLY);
  const int out = open(argv[3], O_RDWR | O_CREAT | O_TRUNC, 0666);
  const unsigned seconds = (unsigned)atoi(argv[4]);
  if (sizes == NULL || in < 0 || out < 0) {
    return 2;
  }
  off_t in_at = 0;
  off_t out_at = 0;
  for (size_t k = 0; k < suite_count; ++k) {
    const suite_entry *const entry = suite_entries[k];
    unsigned long in_bytes = 0;
    unsigned long in_step = 0;
    unsigned long out_bytes = 0;
    if (fscanf(sizes, "%lu %lu %lu", &in_bytes, &in_step, &out_bytes) != 3) {
      return 2;
    }
    fprintf(stderr, "@@\n");
    if (in_bytes != entry->input_bytes || in_step != in_bytes || out_bytes != entry->output_bytes) {
      printf("%lu %d\n", (unsigned long)k, ENDED_SIZES);
    } else {
      fflush(stdout);
      const pid_t child = fork();
      if (child == 0) {
        alarm(seconds);
        const int ended = run_entry(entry, in, in_at, out, out_at);
        fflush(stderr);
        _exit(ended);
      }
      int status = 0;
      if (child < 0 || waitpid(child, &status, 0) != child) {
        return 2;
      }
      printf("%lu %d\n", (unsigned long)k, WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
    }
    in_at += (off_t)in_step;
    out_at += (off_t)out_bytes;
  }
  return 0;
}
