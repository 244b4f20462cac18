/* What a batch's main sees of each model: one entry, defined behind the model's own source by suite_entry.h. */
#ifndef SUITE_BATCH_H
#define SUITE_BATCH_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
  size_t arena_bytes;
  size_t arena_align;
  size_t input_bytes;  /* of all inputs, one behind the other, in order */
  size_t output_bytes;
  int32_t (*run)(unsigned char *arena, const unsigned char *inputs, unsigned char *outputs);
} suite_entry;

#endif
