"""The runtime's memory functions, at every address and of every length, also by words that are not aligned."""

import subprocess
from pathlib import Path

import pytest
from kernel_harness import INCLUDE, WARNINGS, compiler

PROGRAM = """
#include <string.h>
#include <stdio.h>
#define memcpy own_memcpy
#define memmove own_memmove
#define memset own_memset
#define memcmp own_memcmp
#include "edgec_memory.c"

static unsigned char found[80], expected[80];

static void fill(void)
{
  for (int i = 0; i < 80; ++i) {
    found[i] = expected[i] = (unsigned char)(i * 37 + 11);
  }
}

static int differs(const char *name, int to, int from, int count)
{
  for (int i = 0; i < 80; ++i) {
    if (found[i] != expected[i]) {
      printf("%s %d %d %d\\n", name, to, from, count);
      return 1;
    }
  }
  return 0;
}

int main(void)
{
  for (int count = 0; count < 40; ++count) {
    for (int to = 0; to < 40; ++to) {
      for (int from = 0; from < 40; ++from) {
        unsigned char read[40];
        for (int apart = 0; apart < 2; ++apart) {
          if (apart && (to + count > from && from + count > to)) {
            continue;
          }
          fill();
          for (int i = 0; i < count; ++i) {
            read[i] = expected[from + i];
          }
          for (int i = 0; i < count; ++i) {
            expected[to + i] = read[i];
          }
          if (apart ? own_memcpy(found + to, found + from, (size_t)count) != found + to
                    : own_memmove(found + to, found + from, (size_t)count) != found + to) {
            return 1;
          }
          if (differs(apart ? "memcpy" : "memmove", to, from, count)) {
            return 1;
          }
        }
      }
      fill();
      for (int i = 0; i < count; ++i) {
        expected[to + i] = 200;
      }
      own_memset(found + to, 0x1c8, (size_t)count);
      if (differs("memset", to, 0, count)) {
        return 1;
      }
    }
  }
  return 0;
}
"""


@pytest.mark.parametrize("flags", [[], ["-D__ARM_FEATURE_UNALIGNED=1"]], ids=["aligned", "any address"])
def test_memory_functions(flags: list[str], tmp_path: Path) -> None:
    source, program = tmp_path / "memory.c", tmp_path / "memory"
    source.write_text(PROGRAM)
    sanitized = ["-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    paths = [f"-I{INCLUDE}", f"-I{INCLUDE.parent / 'src'}"]
    built = [compiler("gcc"), *WARNINGS, *sanitized, *flags, *paths, str(source), "-o", str(program)]
    subprocess.run(built, check=True)
    run = subprocess.run([str(program)], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
