"""Tuning: TVM's MetaSchedule searches for a layer's schedule, on this machine, for one thread."""

import logging
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from edgec.providers.tvm import schedules
from edgec.providers.tvm.target import llvm
from edgec.providers.tvm.workloads import Workload
from edgec.target import Target

_BATCH = 16
"""Trials that are built and run between two updates of the search."""


def search(workload: Workload, target: Target, trials: int, seed: int = 0) -> Any:
    """The trace of the best schedule of so many, as TVM's JSON; None where none of them ran."""
    from tvm.s_tir import meta_schedule as ms

    # A search imports them all, CUDA's, too, which takes most of a minute; schedules of ours use none.
    sys.modules.setdefault("tvm.s_tir.tensor_intrin", ModuleType("tvm.s_tir.tensor_intrin"))
    learns = find_spec("xgboost") is not None
    with tempfile.TemporaryDirectory(prefix="edgec-tvm-") as work, _quiet():
        database = ms.tir_integration.tune_tir(
            mod=schedules.function(workload),
            target=llvm(target),
            work_dir=work,
            max_trials_global=trials,
            num_trials_per_iter=min(trials, _BATCH),
            # Without the package that models costs, schedules are drawn at random.
            cost_model="xgb" if learns else "random",
            strategy="evolutionary" if learns else "replay-trace",
            space=_space(ms),
            num_tuning_cores=1,
            seed=seed,
            runner=ms.runner.LocalRunner(timeout_sec=10),
            builder=ms.builder.LocalBuilder(max_workers=1),
        )
        module = ms.tir_integration._normalize_mod(schedules.function(workload))
        record = database.query_tuning_record(module, llvm(target), "main")
        return None if record is None else record.trace.as_json()


@contextmanager
def _quiet() -> Iterator[None]:
    """TVM logs to files and to the standard error as it tunes; nobody reads that."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


def _space(ms: Any) -> Any:
    """TVM's rules for CPUs, without those that make threads."""
    rule, mutator = ms.schedule_rule, ms.mutator
    return ms.space_generator.PostOrderApply(
        sch_rules=[
            rule.MultiLevelTiling(
                "SSRSRS", max_innermost_factor=64, reuse_write=rule.ReuseType(req="may", levels=[1, 2], scope="global")
            ),
            rule.ParallelizeVectorizeUnroll(
                max_jobs_per_core=-1, max_vectorize_extent=64, unroll_max_steps=[0, 16, 64, 512], unroll_explicit=True
            ),
            rule.RandomComputeLocation(),
        ],
        postprocs=[
            ms.postproc.DisallowDynamicLoop(),
            ms.postproc.RewriteParallelVectorizeUnroll(),
            ms.postproc.RewriteReductionBlock(),
        ],
        mutator_probs={
            mutator.MutateTileSize(): 0.9,
            mutator.MutateComputeLocation(): 0.05,
            mutator.MutateUnroll(): 0.05,
        },
    )
