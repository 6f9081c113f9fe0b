"""Work on many items, in several processes where that is faster, and lose none to one that brings its process down."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_work: Callable[[Any], Any]  # what a worker process does, set when it starts


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run(
    work: Callable[[Item], Result], groups: Sequence[Sequence[Item]], jobs: int, lost: Callable[[Item], Result]
) -> Iterator[Result]:
    """The results of ``work``, in any order; of ``lost`` for an item whose process died.

    The items of a group are worked on in turn by one process, the groups in the order in which they are given.
    ``work``, items and results must be picklable when there is more than one job.
    """
    if jobs < 2 or len(groups) < 2:
        yield from (work(item) for group in groups for item in group)
        return
    unfinished = dict(enumerate(groups))
    try:
        for index, results in _pool(work, unfinished, min(jobs, len(groups))):
            del unfinished[index]
            yield from results
    except BrokenProcessPool:
        for item in (item for group in unfinished.values() for item in group):
            yield _alone(work, item, lost)


def _pool(work: Callable[[Item], Result], groups: dict[int, Sequence[Item]], jobs: int) -> Iterator[tuple[int, list[Result]]]:
    """Results with the numbers of their groups.  Raises BrokenProcessPool when a worker dies."""
    # A fork shares what is imported; macOS' own libraries do not survive one, and Windows has none.
    method = "fork" if sys.platform.startswith("linux") else "spawn"
    pool = ProcessPoolExecutor(jobs, multiprocessing.get_context(method), _start, (work,))
    try:
        futures = {pool.submit(_step, group): index for index, group in groups.items()}
        for future in as_completed(futures):
            yield futures.pop(future), future.result()
    except BaseException:
        for process in multiprocessing.active_children():
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _alone(work: Callable[[Item], Result], item: Item, lost: Callable[[Item], Result]) -> Result:
    try:
        return next(_pool(work, {0: [item]}, 1))[1][0]
    except BrokenProcessPool:
        return lost(item)


def _start(work: Callable[[Any], Any]) -> None:
    """Begin a worker process: Ctrl-C is for the one that started it."""
    global _work
    _work = work
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _step(group: Sequence[Any]) -> list[Any]:
    return [_work(item) for item in group]
