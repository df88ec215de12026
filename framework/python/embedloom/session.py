"""open(), and what it gives: a session that is iterated for batches."""

from __future__ import annotations

import atexit
import logging
import operator
import os
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from . import _core
from .arrays import Array
from .configs import Config, Overrides, count_of, ids_of, opening_of
from .errors import BadDataError, Code, Mistake, UsageError
from .records import Records, lend

_log = logging.getLogger("embedloom")
_live: weakref.WeakSet[Session] = weakref.WeakSet()


class Origin(NamedTuple):
    """Where a row came from."""

    file: str
    byte: int  # in the file, unpacked
    record: int  # the record's id: its byte in all files laid end to end
    epoch: int
    row: int | None = None  # of the table, from 0, where `records` were given


class Summary(NamedTuple):
    """What a session is made of, for people."""

    lines: list[str]
    notes: list[str]
    fingerprint: str | None  # known from the first batch on


class Batch(Mapping[str, Array]):
    """A batch: a mapping of names to arrays, which share its memory.

    The memory is lent by the session, which has a few batches of it (`run.batches`) and fills one again when the batch and
    everything that was made from it without a copy are gone. `copy()` gives one that may be kept for ever.
    """

    __slots__ = ("_lease", "__weakref__")

    def __init__(self, lease: _core.Lease) -> None:
        self._lease = lease

    def __getitem__(self, name: str) -> Array:
        array = self._lease.array(name) if name in self._lease.names() else None
        if array is None:
            raise KeyError(f"{name!r}: the batch has {', '.join(self)}")
        return array

    def __iter__(self) -> Iterator[str]:
        return iter(self._lease.names())

    def __len__(self) -> int:
        return len(self._lease.names())

    def __repr__(self) -> str:
        return f"<batch of step {self.step}: {', '.join(map(repr, self.values()))}>"

    def copy(self) -> Batch:
        """The same batch in memory of its own."""
        return Batch(self._lease.copy())

    def about(self) -> Batch:
        """The same batch without its arrays, and without its memory: counts and provenance of its rows."""
        return Batch(self._lease.about())

    @property
    def step(self) -> int:
        """The number of the global batch, from 0."""
        return self._lease.step

    @property
    def rows(self) -> int:
        """B."""
        return self._lease.rows

    @property
    def length(self) -> int:
        """S: tokens of each row, pads included."""
        return self._lease.length

    @property
    def repeats(self) -> int:
        """How many rows at the end were dealt again to fill the batch (`tail: wrap`)."""
        return self._lease.repeats

    @property
    def row_lengths(self) -> list[int]:
        """Tokens of each row without its pads."""
        return self._lease.row_lengths

    @property
    def valid_tokens(self) -> int:
        """Tokens of all rows that are not repeats, without pads."""
        return sum(self._lease.row_lengths[: self.valid_rows])

    @property
    def valid_rows(self) -> int:
        """Rows that are not repeats."""
        return self._lease.rows - self._lease.repeats

    @property
    def provenance(self) -> list[Origin]:
        """Where each row came from."""
        return [Origin(*origin) for origin in self._lease.origins()]


class Explanation(NamedTuple):
    """What became of one record in one row."""

    step: int
    row: int
    origin: Origin
    record: dict[str, Any]  # the source's fields
    record_bytes: int  # in the file, line end included
    ids: list[int]  # without pads
    tokens: list[str]  # their literal texts
    columns: dict[str, list[Any]]  # the row of every other array but vectors, without pads

    def __str__(self) -> str:
        place = f"bytes {self.origin.byte} to {self.origin.byte + self.record_bytes}" if self.origin.row is None else f"row {self.origin.row}"
        lines = [f"step {self.step}, row {self.row}: {self.origin.file}, {place}"]
        lines += [f"  {name}: {value!r}" for name, value in self.record.items()]
        lines += ["  tokens: " + " ".join(self.tokens), f"  ids: {self.ids}"]
        lines += [f"  {name}: {values}" for name, values in self.columns.items()]
        return "\n".join(lines)


def text_of_state(state: Any, name: str = "the state") -> str:
    """What state_dict() gave, in a mapping. Raises BadDataError, which names the state, where it is none."""
    text = state.get("embedloom") if isinstance(state, Mapping) else None
    if isinstance(text, str) and text and text.isascii():
        return text
    raise no_state(name, "something else")


def no_state(name: str, found: str) -> BadDataError:
    expected = "what state_dict() gave"
    return BadDataError((Mistake(Code.bad_data, f"{name}: found {found}, expected {expected}", file=name, found=found, expected=expected),))


class Session(Iterator[Batch]):
    """A checked config and its plugins; iterate it for batches. Made by open()."""

    def __init__(self, opening: _core.Opening) -> None:
        self._opening = opening
        self._has_records = opening.has_loan
        self._session = _core.open(opening)
        self._say_log()
        self._at_hand: weakref.WeakValueDictionary[int, Batch] = weakref.WeakValueDictionary()
        self._begin: Callable[[_core.Session], None] | None = None  # what begin_epoch or begin_windows did
        _live.add(self)

    def __iter__(self) -> Session:
        return self

    def __next__(self) -> Batch:
        try:
            lease = self._session.next()
        finally:
            self._say_log()
        if lease is None:
            raise StopIteration
        batch = Batch(lease)
        self._at_hand[batch.step] = batch
        return batch

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stops the threads, gives back `records`. Arrays that live on keep their memory. May be called again."""
        self._session.close()
        self._opening.end_loan()

    @property
    def is_closed(self) -> bool:
        return self._session.is_closed

    def cancel(self) -> None:
        """Ends the wait for a batch, in whichever thread it is, with CancelledError. May be called from any thread."""
        self._session.cancel()

    @property
    def rank(self) -> int:
        return self._session.rank()[0]

    @property
    def world_size(self) -> int:
        return self._session.rank()[1]

    def length(self) -> int | None:
        """Batches of the iteration where that is known beforehand; opens the data."""
        return self._session.length()

    def last_rows(self) -> int | None:
        """Rows of the iteration's last batch, over all ranks, where length() is known; ranks beyond that number get a batch without rows."""
        return self._session.last_rows()

    def begin_epoch(self, epoch: int) -> None:
        """Begins again, with the batches of this epoch alone. Batches in the caller's hands stay as they are."""
        number = count_of(epoch, "epoch")
        self._start(lambda session: session.begin_epoch(number))

    def windows(self) -> int:
        """Windows of every epoch: the parts of it that are made independently of each other; opens the data."""
        return self._session.windows()

    def epochs(self) -> int:
        """Epochs of the iteration. ConfigError where it does not end with one: `run.epochs: endless`, or steps."""
        return self._session.epochs()

    def begin_windows(self, windows: range, epoch: int = 0) -> None:
        """Begins again, with the rows of these windows of an epoch alone, each once, in the order of windows.

        Batches have `batch.size` rows, the last one fewer; a range may have no row, and then gives no batch. Ranges that cut up
        the windows of an epoch have the epoch's rows, the same as in a run of all, whichever process makes which. Lanes and tail
        are of a whole stream and play no part; with ranks, a state or steps it is a UsageError.
        """
        begin, end = _bounds(windows)
        number = count_of(epoch, "epoch")
        self._start(lambda session: session.begin_windows(number, begin, end))

    def rows(self, windows: range, epoch: int = 0) -> int | None:
        """Rows of these windows where that is known without making them; opens the data."""
        return self._session.rows(count_of(epoch, "epoch"), *_bounds(windows))

    def _start(self, begin: Callable[[_core.Session], None]) -> None:
        try:
            begin(self._session)
        finally:
            self._say_log()
        self._begin = begin
        self._at_hand.clear()

    def state_dict(self) -> dict[str, str]:
        """Where the stream stands after the last batch that was given. Goes on with any number of ranks and threads."""
        return {"embedloom": self._session.state()}

    def load_state_dict(self, state: Mapping[str, str], *, accept_changed_data: bool = False) -> None:
        """Goes on after the batch that the state was taken at. Also in the middle of an iteration."""
        if self._has_records and not self._opening.has_loan:
            raise UsageError("a session that is closed has given its records back: open another to load the state into")
        self._opening.state = text_of_state(state)
        self._opening.accept_changed_data = accept_changed_data
        self._session.close()
        self._session = _core.open(self._opening)
        self._begin = None
        self._at_hand.clear()

    def progress(self) -> dict[str, Any]:
        """How far the run is: batches, rows, tokens, seconds of each stage, the share that is done where it is known."""
        return self._session.progress()

    @property
    def ledger(self) -> dict[str, Any]:
        """What became of every record that was read."""
        ledger: dict[str, Any] = self._session.progress()["ledger"]
        return ledger

    @property
    def summary(self) -> Summary:
        """A line for each stage, what is worth a look, and the fingerprint."""
        summary = self._session.summary()
        return Summary(summary["lines"], summary["notes"], summary["fingerprint"] or None)

    @property
    def fingerprint(self) -> str | None:
        """A digest of everything that can change a row; known from the first batch on."""
        return self.summary.fingerprint

    def tokens(self, ids: Iterable[int]) -> list[str]:
        """The literal texts of token ids. Raises UsageError for an id that the vocabulary does not have."""
        return self._session.pieces(ids_of(ids))

    def explain(self, step: int, row: int) -> Explanation:
        """What became of which record in a row of a batch.

        Costs one read of the record where the batch is still at hand; else the batches up to `step` are made anew, in a session of
        its own, as fast as they were; ConfigError where the config or the data has changed since.
        """
        step, row = operator.index(step), operator.index(row)
        if step < 0 or row < 0:
            raise IndexError(f"the run has no {f'step {step}' if step < 0 else f'row {row}'}: both count from 0")
        batch = self._at_hand.get(step)
        if batch is not None:
            return self._explain(batch, row)
        opening = _core.Opening(self._opening)
        opening.fingerprint = self.fingerprint or ""  # where the config or the data has changed since, that is an error
        if self._begin is None:
            opening.steps = count_of(step + 1, "step")
        for opening.state in dict.fromkeys((opening.state, "")):  # a step before the state is made from the beginning
            with Session(_core.Opening(opening)) as again:
                if self._begin is not None:
                    again._start(self._begin)
                for batch in again:
                    if batch.step == step:
                        return again._explain(batch, row)
        raise IndexError(f"the run has no step {step}")

    def _explain(self, batch: Batch, row: int) -> Explanation:
        if not 0 <= row < batch.rows:
            raise IndexError(f"the batch has {batch.rows} rows, no row {row}")
        origin = batch.provenance[row]
        record = self._session.record(origin.record)
        tokens = batch.row_lengths[row]
        first = batch.length - tokens if batch._lease.pads_left else 0
        columns: dict[str, Any] = {}
        for name, array in batch.items():
            if len(array.shape) == 1:
                columns[name] = [memoryview(array)[row]]
            elif not array.dtype.startswith(("float", "bfloat")):
                columns[name] = memoryview(array).tolist()[row][first : first + tokens]  # type: ignore[index]
        ids = columns.pop("input_ids", [])
        return Explanation(batch.step, row, origin, record["fields"], record["bytes"], ids, self.tokens(ids), columns)

    def _say_log(self) -> None:
        for severity, text in self._session.take_log():
            _log.log((logging.INFO, logging.WARNING, logging.ERROR)[severity], "%s", text)


def _bounds(windows: range) -> tuple[int, int]:
    """What the extension takes for a range; others it cannot say."""
    if windows.step != 1 or windows.start < 0 or windows.stop < 0:
        raise ValueError(f"windows one after another, from 0 on, not {windows!r}")
    return windows.start, windows.stop


def merge_states(states: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """One state of the states of all ranks after the same step."""
    return {"embedloom": _core.merge_states([text_of_state(state) for state in states])}


def open(
    config: Config,
    overrides: Overrides = None,
    *,
    threads: int | None = None,
    steps: int | None = None,
    rank: int | None = None,
    world_size: int | None = None,
    records: Records | None = None,
    plugin_folders: Iterable[str | os.PathLike[str]] = (),
) -> Session:
    """Checks a config and makes its stages; nothing is read or started before the first batch.

    config: a path, YAML text (a str with a line end in it), or a dict as the YAML would be; paths in the last two are relative
    to the working directory. overrides: {"batch.size": 8} or ["batch.size=8"]. The config's sink is checked, not used.
    rank, world_size: which share of each batch; else what torchrun, SLURM or Open MPI say, else all of it.
    records: a table in memory for the source `arrow`, which a config need not name then: anything with the Arrow C stream, or a
    datasets.Dataset. It is held, not copied, until the session is closed.
    Raises embedloom.Error, with every mistake in `errors`.
    """
    return open_session(opening_of(config, overrides, plugin_folders), threads=threads, steps=steps, rank=rank, world_size=world_size, records=records)


def open_session(
    opening: _core.Opening,
    *,
    threads: int | None = None,
    steps: int | None = None,
    rank: int | None = None,
    world_size: int | None = None,
    records: Records | None = None,
) -> Session:
    """open() of what opening_of() has made."""
    opening.threads = None if threads is None else count_of(threads, "threads", most=2**32 - 1)
    opening.steps = None if steps is None else count_of(steps, "steps")
    opening.rank = None if rank is None else count_of(rank, "rank", most=2**32 - 1)
    opening.world_size = None if world_size is None else count_of(world_size, "world_size", most=2**32 - 1)
    if records is not None:
        opening.lend(lend(records))
    return Session(opening)


@atexit.register
def _close_all() -> None:
    """Threads end before the interpreter does."""
    for session in list(_live):
        session.close()
    _core.end_of_interpreter()
