"""Embedloom on Ray: the rows of a config as a Ray Data source whose read tasks are ranges of windows."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import os
import re
from collections.abc import Iterable, Iterator
from typing import Any

import ray.data
from ray.data.block import BlockMetadata
from ray.data.datasource import Datasource, ReadTask

from . import _core
from .configs import Config, Frozen, Overrides, opening_of
from .session import Session
from .tables import Vectors, table_of

__all__ = ["WindowSource", "dataset"]

_log = logging.getLogger("embedloom")
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_SAMPLES = 3  # windows that are made to see how large the others will be


def dataset(
    config: Config,
    overrides: Overrides = None,
    *,
    threads: int = 1,
    vectors: Vectors = "lists",
    plugin_folders: Iterable[str | os.PathLike[str]] = (),
    **options: Any,
) -> ray.data.Dataset:
    """The rows of all epochs of a config as a Ray dataset: a line a row, unpadded, as embedloom.tables.table_of has them.

    They are the rows of a local run, whatever number of tasks makes them and however often one is made again: `run.epochs` epochs, each
    window by window (in this order where Ray keeps the order of blocks). A dataset has no batches: lanes and `batch.tail` play no part,
    `batch.size` is how many rows are made at once. Steps, which count batches, and endless epochs are a ConfigError.

    The config is checked here, in the driver, and is sent to the tasks with the values of its environment variables; its files must be
    there on every node under the same path, with the same content: a task that finds another is a ConfigError. A relative path starts
    in the config's folder, or for a text or a dict in the driver's working directory.

    threads: of each task, and the CPUs that it asks Ray for. vectors: "lists", which everything reads, or "tensors", with which Ray
    hands out a numpy array a row. options: for ray.data.read_datasource, as concurrency, override_num_blocks, memory.
    """
    source = WindowSource(config, overrides, threads=threads, vectors=vectors, plugin_folders=plugin_folders)
    return ray.data.read_datasource(source, **{"num_cpus": threads, **options})


@dataclasses.dataclass(frozen=True)
class _Job:
    """What another process needs to open the same session."""

    config: Frozen  # what a file says now is what all tasks do
    environment: tuple[tuple[str, str], ...]
    threads: int

    @staticmethod
    def of(opening: _core.Opening, threads: int) -> _Job:
        config = Frozen.of(opening)
        names = {name for part in (config.text or "", *config.sets) for name in _VARIABLE.findall(part)}
        return _Job(config, tuple(sorted((name, os.environ[name]) for name in names if name in os.environ)), threads)

    def part_of(self, fingerprint: str) -> _Job:
        return dataclasses.replace(self, config=dataclasses.replace(self.config, fingerprint=fingerprint))

    def open(self, *more_sets: str) -> Session:
        """A session of one rank, whatever the launcher of this process says."""
        opening = self.config.opening(*more_sets)
        opening.threads, opening.rank, opening.world_size = self.threads, 0, 1
        with _environment(dict(self.environment)):
            return Session(opening)


@contextlib.contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    """The driver's variables, for as long as a config is read."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@dataclasses.dataclass(frozen=True)
class _Read:
    """A read task: makes a table a batch of the rows of some windows. The same tables each time."""

    job: _Job
    epoch: int
    windows: range
    vectors: Vectors

    def __call__(self) -> Iterator[Any]:
        with self.job.open() as session:
            session.begin_windows(self.windows, self.epoch)
            for batch in session:
                table = table_of(batch, self.vectors)
                del batch  # its memory is the session's again while Ray has the table
                yield table
            self._tell_of_bad_records(session.ledger)

    def _tell_of_bad_records(self, ledger: dict[str, Any]) -> None:
        for what in ("skipped", "quarantined"):
            if ledger[what]:
                where = f"windows {self.windows.start} to {self.windows.stop - 1} of epoch {self.epoch}"
                _log.warning("%s: %d of %d records are bad and were %s", where, ledger[what], ledger["read"], what)


class WindowSource(Datasource):
    """What dataset() gives to ray.data.read_datasource. The data's files must be there for the driver too."""

    def __init__(
        self,
        config: Config,
        overrides: Overrides = None,
        *,
        threads: int = 1,
        vectors: Vectors = "lists",
        plugin_folders: Iterable[str | os.PathLike[str]] = (),
    ) -> None:
        super().__init__()
        if vectors not in ("lists", "tensors"):
            raise ValueError(f"vectors are 'lists' or 'tensors', not {vectors!r}")
        opening = opening_of(config, overrides, plugin_folders)
        opening.threads, opening.rank, opening.world_size = threads, 0, 1
        self._vectors: Vectors = vectors
        with Session(opening) as session:
            self._epochs, self._windows = session.epochs(), session.windows()
            self._job = _Job.of(opening, threads).part_of(session.fingerprint or "")
        self._sample: tuple[int, Any] | None = None

    def get_name(self) -> str:
        return "Embedloom"

    def estimate_inmemory_data_size(self) -> int:
        """Bytes of all tables, from a few windows that are made here."""
        return self._sampled()[0] * self._windows * self._epochs

    def get_read_tasks(self, parallelism: int, per_task_row_limit: int | None = None, data_context: Any = None) -> list[ReadTask]:
        """As many tasks as wanted, but one window at least to a task, and a task's windows are of one epoch."""
        window_bytes, schema = self._sampled()
        parts = min(self._windows, max(1, -(-parallelism // self._epochs)))
        tasks = []
        with self._job.open() as session:
            for epoch in range(self._epochs):
                for windows in _cut(self._windows, parts):
                    metadata = BlockMetadata(num_rows=session.rows(windows, epoch), size_bytes=window_bytes * len(windows),
                                             input_files=None, exec_stats=None)
                    tasks.append(ReadTask(_Read(self._job, epoch, windows, self._vectors), metadata, schema=schema,
                                          per_task_row_limit=per_task_row_limit))
        return tasks

    def _sampled(self) -> tuple[int, Any]:
        """Mean bytes of a window's tables, and their schema where a window had a row. What is bad is for the tasks to tell."""
        if self._sample is None:
            numbers = sorted({self._windows * sample // _SAMPLES for sample in range(_SAMPLES)})
            tables = []
            with self._job.part_of("").open("run.on_error=skip") as session:
                for number in numbers:
                    session.begin_windows(range(number, number + 1))
                    tables += [(table.nbytes, table.schema) for table in (table_of(batch, self._vectors) for batch in session)]
            mean = sum(size for size, _ in tables) // len(numbers)
            self._sample = (mean, tables[0][1] if tables else None)
        return self._sample


def _cut(windows: int, parts: int) -> list[range]:
    """Ranges of windows, one after another, whose sizes are apart by one at most."""
    ends = [windows * part // parts for part in range(parts + 1)]
    return [range(begin, end) for begin, end in zip(ends, ends[1:])]
