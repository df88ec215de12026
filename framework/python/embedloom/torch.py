"""Embedloom for PyTorch: a loader that DataLoader knows how to run, and the embedding as a module that trains."""

from __future__ import annotations

import dataclasses
import json
import operator
import os
import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import torch
from torch.utils.data import IterableDataset, get_worker_info

from . import _core
from .configs import Config, Frozen, Overrides, opening_of, sets_of
from .consumers import refuse_misuse
from .ranks import begin_together, gather_state, rank_in
from .records import Records, lend
from .session import Batch, Origin, Session, no_state, open, open_session, text_of_state

__all__ = ["EmbeddingModule", "Loader", "TensorBatch", "embedding_module", "gather_state"]


class TensorBatch(dict[str, torch.Tensor]):
    """Tensors by name, and what is known of their rows. Models take it as it is: `model(**batch)`."""

    step: int = -1  # of the epoch, from 0
    valid_rows: int = 0  # rows that are not repeats
    valid_tokens: int = 0  # of these, without pads
    repeats: int = 0
    state: dict[str, Any] | None = None  # the loader's after this batch, whatever it has given since

    _about: Batch | None = None
    _provenance: list[Origin] | None = None

    @property
    def provenance(self) -> list[Origin]:
        """Where each row came from, repeats included."""
        if self._provenance is None:
            self._provenance = [] if self._about is None else self._about.provenance
        return self._provenance

    def to(self, device: Any, non_blocking: bool = False) -> TensorBatch:
        """The batch with its tensors there."""
        return self._with({name: tensor.to(device, non_blocking=non_blocking) for name, tensor in self.items()})

    def pin_memory(self) -> TensorBatch:
        """The batch in pinned memory, where DataLoader(pin_memory=True) wants it; what is pinned already is not copied."""
        return self._with({name: tensor.pin_memory() for name, tensor in self.items()})

    def _with(self, tensors: dict[str, torch.Tensor]) -> TensorBatch:
        made = TensorBatch(tensors)
        made.__dict__.update(self.__dict__)
        return made

    def __copy__(self) -> TensorBatch:
        return self._with(self)  # DataLoader makes one of each batch: the provenance is not worked out for that

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_about": None, "_provenance": self.provenance}  # what comes out of a worker


def can_pin() -> bool:
    """Whether there is an accelerator that reads pinned memory of the host; DataLoader asks the same."""
    accelerator = getattr(torch, "accelerator", None)  # from PyTorch 2.6 on
    if accelerator is None:
        return bool(torch.cuda.is_available())
    return bool(accelerator.is_available() and accelerator.current_accelerator().type != "mps")


def _whole_number(name: str, value: Any) -> int:
    """An int of what is one, NumPy's too. Raises TypeError, ValueError."""
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name}: found {value!r}, expected an integer from 0") from None
    if not 0 <= number < 2**63:
        raise ValueError(f"{name}: found {number}, expected an integer from 0")
    return number


def read_state(state: Any, name: str = "the state") -> tuple[int, str | None]:
    """Epoch and text of what Loader.state_dict() gave. Raises BadDataError, which names the state, where it is none, cut or changed."""
    epoch = state.get("epoch") if isinstance(state, Mapping) else None
    if not isinstance(epoch, int) or epoch < 0 or "embedloom" not in state:
        raise no_state(name, "something else")
    if state["embedloom"] is None:
        return epoch, None
    text = text_of_state(state, name)
    try:
        inner = json.loads(text)["epoch"]
    except (ValueError, KeyError, TypeError):
        raise no_state(name, "a text that is cut or changed") from None
    if inner != epoch:
        raise no_state(name, f"epoch {epoch} with a text of epoch {inner}")
    return epoch, text


class Loader(IterableDataset[TensorBatch]):
    """Batches of a config as tensors; each iteration is one epoch, whatever `run.epochs` says, and the next is the next one.

    As it is, or in DataLoader(loader, batch_size=None). It has threads of its own: workers add nothing. With num_workers > 0 the
    first worker gives all batches, in their order, and the others none; the workers must be started with
    multiprocessing_context="spawn" where this process has iterated anything of Embedloom before. Workers that end with each epoch
    know of no epoch before theirs: call set_epoch. Persistent workers count epochs themselves, and hear no set_epoch.

    A loop that is left early begins its epoch anew the next time. state_dict() stands for the batch last given, also before the
    first and after the last; load_state_dict() is for before an iteration. What looks ahead takes the state of the batch that it is at:
    batch.state.

    Ranks are what is said here; else those of torch.distributed where that is initialised (of `group`, for data-parallel ranks that
    are not all there are); else those of torchrun, SLURM or Open MPI. Under torch.distributed the first iteration begins on all ranks
    together: those that differ in config, plugins, data or state raise ConfigError, all of them. From then on loaders never talk.

    A tensor shares its memory with the session, which has `run.batches` of it: who keeps batches longer than until the one after
    the next copies them, here with copy=True, or makes run.batches larger. pin_memory copies into pinned memory where there is an
    accelerator (CUDA, XPU, ...), and warns where there is none. Workers never touch it: with these it is DataLoader's pin_memory to say.

    What the config's file says is read once, here, and data that changes between two iterations is a ConfigError.

    `records` is what open() takes. Workers that are spawned get a copy of it by pickle.
    """

    def __init__(
        self,
        config: Config,
        overrides: Overrides = None,
        *,
        threads: int | None = None,
        steps: int | None = None,
        rank: int | None = None,
        world_size: int | None = None,
        copy: bool = False,
        pin_memory: bool = False,
        records: Records | None = None,
        plugin_folders: Iterable[str | os.PathLike[str]] = (),
        group: Any = None,
    ) -> None:
        super().__init__()
        sets = [*sets_of(overrides), "run.epochs=endless"]  # which epochs there are is the caller's to say
        self._config = Frozen.of(opening_of(config, sets, plugin_folders))
        self._epoch = 0
        self._resume: str | None = None  # where the next iteration begins
        self._accept_changed_data = False  # there
        self._left_at: str | None = None  # where the last one was left early
        self._left_over = False  # after its last batch
        self._length: int | None = None
        self._options: dict[str, Any] = {"threads": threads, "steps": steps, "rank": rank, "world_size": world_size}
        self.copy = copy
        self._pin_memory = pin_memory
        self._group = group
        self._has_begun = False
        self._session: Session | None = None
        self._records = records
        self._lent: _core.Records | None = None

    def open(self, **options: Any) -> Session:
        """A session of the loader's config, which the caller closes. options: embedloom.open's instead of the loader's, as rank and world_size."""
        if self._records is not None and self._lent is None:
            self._lent = lend(self._records)  # once: a query would run again, and might give its rows in another order
        return open_session(self._config.opening(), records=self._lent, **{**self._options_here(), **options})

    def _options_here(self) -> dict[str, Any]:
        said = self._options["rank"] is not None or self._options["world_size"] is not None
        return self._options if said else {**self._options, **rank_in(self._group)}

    @property
    def session(self) -> Session | None:
        """The session of the iteration that runs: for progress(), explain()."""
        return self._session

    batch_sampler = None  # trainers ask what has a sampler for this too

    @property
    def sampler(self) -> Loader:
        """Itself: trainers look here for set_epoch()."""
        return self

    @property
    def epoch(self) -> int:
        """Of the iteration that runs, else of the next."""
        return self._epoch

    @property
    def position(self) -> int:
        """Batches of this epoch that come before the next one to be given."""
        at = self._session.state_dict()["embedloom"] if self._session is not None else self._resume
        return 0 if at is None else int(json.loads(at)["step"])

    def __iter__(self) -> Iterator[TensorBatch]:
        refuse_misuse()
        return self._iterate()

    def _iterate(self) -> Iterator[TensorBatch]:
        worker = get_worker_info()
        if worker is not None and worker.id != 0:
            return
        pin = self._pin_memory and worker is None and can_pin()
        if self._pin_memory and worker is None and not pin:
            warnings.warn("pin_memory=True, but PyTorch finds no accelerator that reads pinned memory: tensors are not pinned", stacklevel=2)
        self._pass_ended()
        with self._begin_with_others() as session:
            at = self._resume  # where it stands: after the batch last given
            self._session, self._resume, self._left_at = session, None, None
            try:
                for batch in session:
                    # A worker's tensors go to shared memory when its queue gets to them, which may be late.
                    made = self._tensors(batch, copy=self.copy or worker is not None, pin=pin)
                    made.state = {"epoch": self._epoch, **session.state_dict()}
                    at = made.state["embedloom"]
                    del batch  # its memory is the tensors' from here on
                    yield made
                    del made
                if self._session is session:
                    self._epoch += 1
            except BaseException as left:
                if self._session is session:
                    self._left_at = at
                    # At the interpreter's end the session is closed before this is.
                    self._left_over = isinstance(left, GeneratorExit) and not session.is_closed and self._is_over(session)
                raise
            finally:
                if self._session is session:
                    self._session = None

    def _begin_with_others(self) -> Session:
        """The first time, ranks that disagree find out."""
        here = {} if self._has_begun or get_worker_info() is not None else rank_in(self._group)
        self._has_begun = True
        ranks = here.get("world_size", 1)
        if ranks == 1 or self._options["world_size"] not in (None, ranks):
            return self._begin()
        return begin_together(self._begin, self._group)

    def _begin(self) -> Session:
        """A session where the iteration begins."""
        session = self.open()
        try:
            if self._resume is not None:
                session.load_state_dict({"embedloom": self._resume}, accept_changed_data=self._accept_changed_data)
            session.begin_epoch(self._epoch)
        except BaseException:
            session.close()
            raise
        # From now on all of its sessions are of one run: data that changes meanwhile is an error.
        self._config = dataclasses.replace(self._config, fingerprint=session.fingerprint or "")
        return session

    def _is_over(self, session: Session) -> bool:
        """Whether the session has given its last batch."""
        state = json.loads(session.state_dict()["embedloom"])
        limits = (session.length(), self._options["steps"])
        return state["ended"] or any(limit is not None and state["step"] >= limit for limit in limits)

    def _pass_ended(self) -> None:
        """An epoch whose last batch was given is over, though who took it has not asked for more."""
        if self._left_over or self._session is not None and self._is_over(self._session):
            self._session, self._left_at, self._left_over = None, None, False
            self._epoch += 1

    def __bool__(self) -> bool:
        return True  # not a matter of its length, which may be unknown

    def __len__(self) -> int:
        """Batches of an epoch. TypeError where that is known only at its end."""
        if self._length is None:
            with self.open() as session:
                session.begin_epoch(self._epoch)
                self._length = session.length()
        if self._length is None:
            raise TypeError("the number of batches of this config is known only at the end of an epoch")
        return self._length

    def set_epoch(self, epoch: int) -> None:
        """The epoch of the next iteration."""
        refuse_misuse()
        epoch = _whole_number("epoch", epoch)
        self._pass_ended()
        if epoch == self._epoch:
            return
        if self._session is not None:
            raise RuntimeError("set_epoch in the middle of an epoch: call it before the loop")
        self._epoch, self._resume, self._left_at = epoch, None, None

    def state_dict(self) -> dict[str, Any]:
        """Numbers and a text: the epoch, and where in it."""
        at = self._session.state_dict()["embedloom"] if self._session is not None else self._left_at or self._resume
        return {"epoch": self._epoch, "embedloom": at}

    def load_state_dict(self, state: Mapping[str, Any], *, accept_changed_data: bool = False) -> None:
        """The next iteration goes on after the batch that the state was taken at; also over other data, if that is accepted."""
        self._pass_ended()
        if self._session is not None:
            raise RuntimeError("load_state_dict in the middle of an epoch: load before the loop")
        (self._epoch, self._resume), self._left_at = read_state(state), None
        self._accept_changed_data = accept_changed_data
        if accept_changed_data:
            self._config = dataclasses.replace(self._config, fingerprint="")

    def __getstate__(self) -> dict[str, Any]:
        refuse_misuse()  # on the way to a worker
        return {**self.__dict__, "_session": None, "_lent": None, "_group": None, "_options": self._options_here()}

    def _tensors(self, batch: Batch, *, copy: bool, pin: bool) -> TensorBatch:
        made = TensorBatch()
        made.step, made.repeats = batch.step, batch.repeats
        made.valid_rows, made.valid_tokens = batch.valid_rows, batch.valid_tokens
        made._about = batch.about()
        for name, array in batch.items():
            tensor = torch.from_dlpack(array)
            made[name] = tensor.pin_memory() if pin else tensor.clone() if copy else tensor
        return made


class EmbeddingModule(torch.nn.Module):
    """The embedding of a config with its tables as parameters: what `embeddings` holds, for who trains it.

    A learned position table is the whole one, whatever `segment.max_length` is. Vectors are of the type that the module was cast to
    (`.to(torch.bfloat16)`, `.half()`), and with tables in float32, as they are made, of the config's `embedding.dtype`.
    """

    def __init__(self, tables: dict[str, torch.Tensor], how: dict[str, Any]) -> None:
        super().__init__()
        width = tables["token"].shape[1]
        self.scale: float = how["scale"]
        self.norm: str = how["norm"]
        self.epsilon: float = how["epsilon"]
        self.dtype: torch.dtype = getattr(torch, how["dtype"])
        self.token = torch.nn.Parameter(tables["token"])
        self.segment = self._parameter(tables.get("segment"))
        positions = tables.get("positions")
        if how["has_learned_positions"]:
            self.positions = self._parameter(positions)
        else:
            self.register_buffer("positions", positions, persistent=False)
        self.weight = self._parameter(tables.get("weight", torch.ones(width) if self.norm else None))
        self.bias = self._parameter(tables.get("bias", torch.zeros(width) if self.norm == "layer_norm" else None))

    @staticmethod
    def _parameter(table: torch.Tensor | None) -> torch.nn.Parameter | None:
        return None if table is None else torch.nn.Parameter(table)

    def forward(
        self, input_ids: torch.Tensor, token_type_ids: torch.Tensor | None = None, position_ids: torch.Tensor | None = None
    ) -> torch.Tensor:
        """[B,S] ids to [B,S,D] vectors. Without position_ids a token's position is its column."""
        functional = torch.nn.functional
        out = functional.embedding(input_ids, self.token)
        if self.scale != 1.0:
            out = out * self.scale
        if self.segment is not None:
            kinds = torch.zeros_like(input_ids) if token_type_ids is None else token_type_ids
            out = out + functional.embedding(kinds, self.segment)
        if self.positions is not None:
            out = out + (self.positions[: input_ids.shape[1]] if position_ids is None else functional.embedding(position_ids, self.positions))
        if self.norm == "layer_norm":
            out = functional.layer_norm(out, (out.shape[-1],), self.weight, self.bias, self.epsilon)
        elif self.norm == "rms_norm":
            out = out * torch.rsqrt(out.pow(2).mean(-1, keepdim=True) + self.epsilon)
            out = out if self.weight is None else out * self.weight
            out = out if self.bias is None else out + self.bias
        return out.to(self.dtype if self.token.dtype == torch.float32 else self.token.dtype)


def embedding_module(
    config: Config, overrides: Overrides = None, *, records: Records | None = None, plugin_folders: Iterable[str | os.PathLike[str]] = ()
) -> EmbeddingModule:
    """A module whose output for a batch's ids equals the batch's `embeddings`, with float32 tables that train.

    Positions that come from a formula do not train. Feed it from a config that emits ids alone (`batch.emit: [input_ids, ...]`). Where
    the batches are made of `records`, they are given here too.
    """
    with open(config, overrides, records=records, plugin_folders=plugin_folders) as session:
        lease, how = session._session.embedding()
    tables = {name: torch.from_dlpack(lease.array(name)) for name in lease.names()}
    return EmbeddingModule(tables, how)
