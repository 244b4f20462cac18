"""A model written by hand, as code generation would write it: y = 2 * x + 1 over N floats, in two steps."""

import json
from pathlib import Path
from typing import Any

N = 8

_CORE = """
#ifndef EDGEC_CORE_H
#define EDGEC_CORE_H
#include <stddef.h>
#include <stdint.h>
enum { EDGEC_OK = 0, EDGEC_ERROR_ARENA_SIZE = -1, EDGEC_ERROR_ALIGNMENT = -2, EDGEC_ERROR_POINTER = -3 };
#ifndef EDGEC_STEP
#define EDGEC_STEP(index) ((void)0)
#endif
#endif
"""

_HEADER = """
#ifndef MINI_H
#define MINI_H
#include "edgec/core.h"
#define MINI_ARENA_BYTES {arena}u
#define MINI_ARENA_ALIGN 16u
#define MINI_STEPS 2
#define MINI_HAS_STATES 0
#define MINI_IO_IN_ARENA {in_arena}
typedef struct {{ float *x; uint8_t *mask; }} mini_inputs;
typedef struct {{ float *y; }} mini_outputs;
#define MINI_FOR_EACH_INPUT(X) X(x, float, {n}) X(mask, uint8_t, {n})
#define MINI_FOR_EACH_OUTPUT(X) X(y, float, {n})
int32_t mini_bind(void *arena, size_t arena_bytes, mini_inputs *inputs, mini_outputs *outputs);
int32_t mini_run(void *arena, size_t arena_bytes, const mini_inputs *inputs, const mini_outputs *outputs);
#endif
"""

_SOURCE = """
#include "mini.h"
#if MINI_IO_IN_ARENA
int32_t mini_bind(void *arena, size_t arena_bytes, mini_inputs *inputs, mini_outputs *outputs)
{{
  (void)arena_bytes;
  inputs->x = outputs->y = (float *)arena;
  inputs->mask = (uint8_t *)arena + {n} * sizeof(float);
  return EDGEC_OK;
}}
#endif

static const float factor[{n}] = {{2, 2, 2, 2, 2, 2, 2, 2}};

{extra}
int32_t mini_run(void *arena, size_t arena_bytes, const mini_inputs *inputs, const mini_outputs *outputs)
{{
  if (arena_bytes < MINI_ARENA_BYTES) {{
    return EDGEC_ERROR_ARENA_SIZE;
  }}
  (void)arena;
  {prologue}
  EDGEC_STEP(0);
  for (int i = 0; i < {n}; ++i) {{
    outputs->y[i] = inputs->x[i] * factor[i];
  }}
  EDGEC_STEP(1);
  for (int i = 0; i < {n}; ++i) {{
    outputs->y[i] += inputs->mask[i] ? 1.0f : 0.0f;
  }}
  EDGEC_STEP(2);
  return EDGEC_OK;
}}
"""


def write_mini(
    directory: Path, *, in_arena: bool = True, arena: int = N * 5, prologue: str = "", extra: str = ""
) -> Path:
    """Write the model's output directory. ``prologue`` is C that runs first, ``extra`` C before the function."""
    (directory / "include/edgec").mkdir(parents=True)
    (directory / "include/edgec/core.h").write_text(_CORE)
    fields: dict[str, Any] = {
        "n": N,
        "arena": arena,
        "in_arena": int(in_arena),
        "prologue": prologue,
        "extra": extra,
    }
    (directory / "mini.h").write_text(_HEADER.format(**fields))
    (directory / "mini.c").write_text(_SOURCE.format(**fields))
    manifest = {
        "name": "mini",
        "inputs": [
            {"name": "in/x", "c_name": "x", "dtype": "f32", "shape": [1, N]},
            {"name": "mask", "c_name": "mask", "dtype": "bool", "shape": [N]},
        ],
        "outputs": [{"name": "out/y", "c_name": "y", "dtype": "f32", "shape": [1, N]}],
        "arena_bytes": arena,
        "steps": [{"index": 0}, {"index": 1}],
    }
    (directory / "manifest.json").write_text(json.dumps(manifest))
    return directory
