/* The entry of one model; included behind its source, with MODEL and MODEL_UPPER, its name in both cases. */
#include "suite_batch.h"

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define NAME(suffix) JOIN(MODEL, suffix)
#define MACRO(suffix) JOIN(MODEL_UPPER, suffix)

static int32_t NAME(_suite_run)(unsigned char *arena, const unsigned char *from, unsigned char *to)
{
  NAME(_inputs) inputs;
  NAME(_outputs) outputs;
  int32_t status = NAME(_bind)(arena, MACRO(_ARENA_BYTES), &inputs, &outputs);
  if (status != EDGEC_OK) {
    return status;
  }
#define READ(name, type, elements) \
  for (size_t i = 0; i < sizeof(type) * (elements); ++i) { \
    ((unsigned char *)inputs.name)[i] = *from++; \
  }
  MACRO(_FOR_EACH_INPUT)(READ)
  (void)from;
  status = NAME(_run)(arena, MACRO(_ARENA_BYTES), &inputs, &outputs);
#define WRITE(name, type, elements) \
  for (size_t i = 0; i < sizeof(type) * (elements); ++i) { \
    *to++ = ((const unsigned char *)outputs.name)[i]; \
  }
  MACRO(_FOR_EACH_OUTPUT)(WRITE)
  return status;
}

#define BYTES(name, type, elements) +sizeof(type) * (elements)
extern const suite_entry NAME(_suite_entry);
const suite_entry NAME(_suite_entry) = {
  MACRO(_ARENA_BYTES),
  MACRO(_ARENA_ALIGN),
  0 MACRO(_FOR_EACH_INPUT)(BYTES),
  0 MACRO(_FOR_EACH_OUTPUT)(BYTES),
  NAME(_suite_run)
};
