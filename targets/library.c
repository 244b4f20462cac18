/* A model as a shared library of this machine, for programs that call C functions by name (edgec/devices/library.py).

   The library keeps where the arena, inputs and outputs are, so that a run takes no argument: calls from Python cost less.
   One thread at a time. With EDGEC_PROFILE (and targets/profile.h) it times steps, too. */
#define _POSIX_C_SOURCE 199309L

#include <stdint.h>
#include <string.h>
#include <time.h>

#include EDGEC_MODEL_HEADER /* with EDGEC_MODEL and EDGEC_MODEL_UPPER: the model's name in both cases */

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define MODEL(name) JOIN(EDGEC_MODEL, name)
#define MACRO(name) JOIN(EDGEC_MODEL_UPPER, name)

#if MACRO(_MEMORIES)
static MODEL(_memories) memories;
#define GIVEN &memories
#else
static void *arena;
#define GIVEN arena, MACRO(_ARENA_BYTES)
#endif
static MODEL(_inputs) inputs;   /* pointers, in order */
static MODEL(_outputs) outputs; /* pointers, in order */

void **library_inputs(void)
{
  return (void **)(void *)&inputs;
}

void **library_outputs(void)
{
  return (void **)(void *)&outputs;
}

/* Takes the arena, or memories one behind the other, and finds out where the inputs and outputs lie there, unless they are
   the caller's. */
int32_t library_bind(uint8_t *given)
{
#if MACRO(_MEMORIES)
#define TAKE(name, bytes) \
  memories.name = given; \
  given += (bytes);
  MACRO(_FOR_EACH_MEMORY)(TAKE)
#else
  arena = given;
#endif
#if MACRO(_IO_IN_ARENA)
  return MODEL(_bind)(GIVEN, &inputs, &outputs);
#else
  return EDGEC_OK;
#endif
}

int32_t library_reset(void)
{
#if MACRO(_HAS_STATES)
  return MODEL(_reset)(GIVEN);
#else
  return EDGEC_OK;
#endif
}

int32_t library_run(void)
{
  return MODEL(_run)(GIVEN, &inputs, &outputs);
}

static uint64_t now(void)
{
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* A run that finds its inputs as they were before the first one; `original` has them one behind the other, or is NULL
   where runs don't change them. */
static int32_t run_again(const uint8_t *original)
{
  if (original != NULL) {
#define RESTORE(name, type, elements) \
  memcpy(inputs.name, original, (elements) * sizeof(type)); \
  original += (elements) * sizeof(type);
    MACRO(_FOR_EACH_INPUT)(RESTORE)
  }
  return library_run();
}

/* Times of `batches` batches of `calls` runs each, in nanoseconds. */
int32_t library_time(const uint8_t *original, uint32_t batches, uint32_t calls, uint64_t *nanoseconds)
{
  for (uint32_t batch = 0; batch < batches; ++batch) {
    const uint64_t begin = now();
    for (uint32_t call = 0; call < calls; ++call) {
      const int32_t status = run_again(original);
      if (status != EDGEC_OK) {
        return status;
      }
    }
    nanoseconds[batch] = now() - begin;
  }
  return EDGEC_OK;
}

#if defined(EDGEC_PROFILE)
enum { STEPS = MACRO(_STEPS) };

static struct {
  uint32_t step; /* the one that runs; STEPS: none */
  uint64_t since;
  uint64_t spent[STEPS + 1];
} profile;

void edgec_profile_step(unsigned int index)
{
  profile.spent[profile.step] = now() - profile.since;
  profile.step = index;
  profile.since = now();
}

/* The least time of each step in `repeats` runs, in nanoseconds, without what the hook takes. */
int32_t library_time_steps(const uint8_t *original, uint32_t repeats, uint64_t *nanoseconds)
{
  uint64_t hook = UINT64_MAX;
  memset(nanoseconds, 0xff, STEPS * sizeof *nanoseconds);
  for (uint32_t repeat = 0; repeat < repeats; ++repeat) {
    profile.step = STEPS;
    profile.since = now();
    edgec_profile_step(STEPS);
    edgec_profile_step(STEPS); /* an empty step */
    hook = profile.spent[STEPS] < hook ? profile.spent[STEPS] : hook;
    const int32_t status = run_again(original);
    if (status != EDGEC_OK) {
      return status;
    }
    for (uint32_t step = 0; step < STEPS; ++step) {
      nanoseconds[step] = profile.spent[step] < nanoseconds[step] ? profile.spent[step] : nanoseconds[step];
    }
  }
  for (uint32_t step = 0; step < STEPS; ++step) {
    nanoseconds[step] -= hook < nanoseconds[step] ? hook : nanoseconds[step];
  }
  return EDGEC_OK;
}
#endif
