"""embedloom.torch: the loader bare and in DataLoader, and the embedding as a module that trains."""

import gc
import json
import pickle

import pytest
import safetensors.torch
import torch
from torch.utils.data import DataLoader

import support
import embedloom
import embedloom.torch

torch.set_num_threads(2)
SETTINGS = support.pairs(run={"shuffle": True})


def taken(loader):
    return [(batch["input_ids"].clone(), batch["embeddings"].clone()) for batch in loader]


def same(found, wanted):
    return len(found) == len(wanted) and all(torch.equal(a, b) for one, other in zip(found, wanted) for a, b in zip(one, other))


@pytest.fixture(scope="module")
def wanted():
    return taken(embedloom.torch.Loader(SETTINGS))


def test_the_loader_gives_the_session_s_batches(wanted):
    with embedloom.open(SETTINGS) as session:
        for (ids, vectors), batch in zip(wanted, session, strict=True):
            assert torch.equal(ids, torch.from_dlpack(batch["input_ids"])) and torch.equal(vectors, torch.from_dlpack(batch["embeddings"]))
    assert same(taken(embedloom.torch.Loader(SETTINGS, threads=1)), wanted)


def test_tensors_share_the_session_s_memory_and_the_batch_counts():
    for batch in embedloom.torch.Loader(SETTINGS):
        assert isinstance(batch, dict) and batch["input_ids"].dtype == torch.int64
        assert batch.valid_tokens == int(batch["attention_mask"].sum()) and batch.valid_rows == len(batch["input_ids"])
    assert batch.step == 31


@pytest.mark.parametrize("workers,start", [(0, None), (2, "spawn"), (2, "forkserver")])
def test_in_a_data_loader(wanted, workers, start):
    loader = DataLoader(embedloom.torch.Loader(SETTINGS), batch_size=None, num_workers=workers, multiprocessing_context=start)
    assert same(taken(loader), wanted)
    if start != "forkserver":
        loader.dataset.set_epoch(0)
        assert same(taken(loader), wanted), "and once more"


@pytest.mark.parametrize("workers", [0, 1])
def test_batches_of_batches_are_refused(workers):
    loader = DataLoader(embedloom.torch.Loader(SETTINGS), num_workers=workers, multiprocessing_context="spawn" if workers else None)
    with pytest.raises(embedloom.UsageError, match="batch_size=None"):
        next(iter(loader))


def test_forked_workers_of_a_process_that_has_begun_are_refused_with_advice():
    next(iter(embedloom.torch.Loader(SETTINGS)))
    loader = DataLoader(embedloom.torch.Loader(SETTINGS), batch_size=None, num_workers=1, multiprocessing_context="fork")
    with pytest.raises(embedloom.UsageError, match="spawn"):
        next(iter(loader))


def test_who_only_asks_for_the_length_may_fork_workers():
    out = support.run("""
import embedloom.torch, support
from torch.utils.data import DataLoader
loader = embedloom.torch.Loader(support.config(run={"shuffle": True}), steps=3)
print(len(loader), len(list(DataLoader(loader, batch_size=None, num_workers=1, multiprocessing_context="fork"))))
""")
    assert out == "3 3\n"


def test_an_error_in_a_worker_keeps_its_class(tmp_path):
    path = tmp_path / "lines.jsonl"
    path.write_text('{"text": 7}\n')
    settings = support.config(source={"use": "jsonl", "files": [str(path)]})
    loader = DataLoader(embedloom.torch.Loader(settings), batch_size=None, num_workers=1, multiprocessing_context="spawn")
    with pytest.raises(embedloom.BadDataError, match="lines.jsonl"):
        next(iter(loader))


def test_who_copies_may_keep_all(wanted):
    kept = list(embedloom.torch.Loader(SETTINGS, copy=True))
    assert same([(batch["input_ids"], batch["embeddings"]) for batch in kept], wanted)
    with pytest.raises(embedloom.UsageError, match="run.batches"):
        list(embedloom.torch.Loader(SETTINGS))


@pytest.mark.parametrize("look_ahead", [1, 2])
def test_who_looks_ahead_finds_batches_enough(wanted, look_ahead):
    queue, seen = [], []
    for batch in embedloom.torch.Loader(SETTINGS):
        queue.append(batch)
        del batch
        if len(queue) > look_ahead:
            seen.append((queue[0]["input_ids"].clone(), queue.pop(0)["embeddings"].clone()))
    seen += [(batch["input_ids"].clone(), batch["embeddings"].clone()) for batch in queue]
    assert same(seen, wanted)


def test_a_loop_that_is_left_early_stops_the_session():
    loader = embedloom.torch.Loader(support.config(run={"epochs": "endless"}))
    for batch in loader:
        session = loader.session
        assert not session.is_closed
        break
    gc.collect()
    assert loader.session is None and session.is_closed and len(batch["input_ids"]) == 64


@pytest.mark.parametrize("settings", [
    support.pairs(batch={"pad_multiple": 8}),
    support.pairs(batch={"pad_side": "left"}),
    support.pairs(embedding={"scale": 3.5, "norm": {"type": "rms_norm", "weight": support.pairs()["embedding"]["norm"]["weight"], "eps": 1e-6}}),
    support.config(position={"use": "sinusoidal"}, embedding={"token": {"use": "random", "rows": 30522, "width": 64, "seed": 1}, "scale": 8.0},
                   batch={"emit": ["input_ids", "embeddings"]}, run={"shuffle": True}),
])
def test_the_module_equals_the_assembled_embeddings(settings):
    module = embedloom.torch.embedding_module(settings)
    for batch in embedloom.torch.Loader(settings, steps=40):
        with torch.inference_mode():
            found = module(batch["input_ids"], batch.get("token_type_ids"))
        assert (found - batch["embeddings"]).abs().max() <= 2e-6 * max(1.0, float(batch["embeddings"].abs().max()))


def test_the_module_rounds_as_the_config_says():
    settings = support.pairs(embedding={"dtype": "bfloat16"})
    module = embedloom.torch.embedding_module(settings)
    batch = next(iter(embedloom.torch.Loader(settings, copy=True)))
    with torch.inference_mode():
        found = module(batch["input_ids"], batch["token_type_ids"])
    assert found.dtype == torch.bfloat16
    assert (found.float() - batch["embeddings"].float()).abs().max() <= 2**-7 * float(found.float().abs().max())


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64])
def test_a_module_that_is_cast_gives_vectors_of_that_type(dtype):
    batch = next(iter(embedloom.torch.Loader(support.pairs(), copy=True)))
    for settings in [support.pairs(), support.pairs(embedding={"dtype": "float16"})]:
        module = embedloom.torch.embedding_module(settings)
        before = module(batch["input_ids"], batch["token_type_ids"])
        assert before.dtype == getattr(torch, settings["embedding"].get("dtype", "float32"))
        found = torch.nn.Sequential(module).to(dtype)[0](batch["input_ids"], batch["token_type_ids"])
        assert found.dtype == dtype and torch.allclose(found.double(), before.double(), atol=0.1)


def test_the_module_has_a_learned_position_table_whole():
    short, long = (embedloom.torch.embedding_module(support.pairs(segment={"max_length": length})) for length in (32, 128))
    wanted = safetensors.torch.load_file(support.BERT / "model.safetensors")["embeddings.position_embeddings.weight"]
    assert torch.equal(short.positions.detach(), wanted) and len(wanted) == 512
    long.load_state_dict(short.state_dict())
    table = {"use": "random", "rows": 30522, "width": 64}
    formula = embedloom.torch.embedding_module(support.config(position={"use": "sinusoidal"}, embedding={"token": table}))
    assert formula.positions.shape == (64, 64) and "positions" not in formula.state_dict()


def test_the_module_trains():
    module = embedloom.torch.embedding_module(support.pairs())
    assert {name for name, _ in module.named_parameters()} == {"token", "segment", "positions", "weight", "bias"}
    before = module.token.detach().clone()
    optimiser = torch.optim.SGD(module.parameters(), lr=0.1)
    batch = next(iter(embedloom.torch.Loader(support.pairs(), copy=True)))
    module(batch["input_ids"], batch["token_type_ids"]).pow(2).sum().backward()
    optimiser.step()
    used = torch.unique(batch["input_ids"])
    changed = (module.token.detach() != before).any(1).nonzero().flatten()
    assert set(changed.tolist()) <= set(used.tolist()) and len(changed) > 10
    fixed = embedloom.torch.embedding_module(support.config(position={"use": "sinusoidal"}, embedding={"token": {"use": "random", "rows": 30522, "width": 64}}))
    assert {name for name, _ in fixed.named_parameters()} == {"token"}


def test_a_config_without_embedding_is_told_so():
    with pytest.raises(embedloom.ConfigError, match="embedding"):
        embedloom.torch.embedding_module(support.config())


@pytest.mark.parametrize("workers", [0, 1])
def test_a_batch_says_where_its_rows_came_from(workers):
    loader = embedloom.torch.Loader(SETTINGS, copy=True)
    batches = list(DataLoader(loader, batch_size=None, num_workers=workers, multiprocessing_context="spawn" if workers else None))
    with embedloom.open(SETTINGS) as session:
        for batch, wanted in zip(batches, session, strict=True):
            assert batch.provenance == batch.to("cpu").provenance == wanted.provenance and len(batch.provenance) == batch.valid_rows
    assert len({origin.record for batch in batches for origin in batch.provenance}) == 503


def step_of(loaders, first, batches):
    """Loss and gradient of one step: batches `first` and after of every rank, accumulated; and the mean of the batches' own means."""
    torch.manual_seed(1)
    model = torch.nn.Sequential(torch.nn.Embedding(30522, 8), torch.nn.Linear(8, 64))
    loss, means, tokens = 0.0, [], 0
    for loader in loaders:
        for batch in loader:
            if first <= batch.step < first + batches:
                rows = batch.valid_rows  # repeats stand at the end
                keep = batch["attention_mask"][:rows].bool()
                here = torch.nn.functional.cross_entropy(model(batch["input_ids"][:rows])[keep], batch["input_ids"][:rows][keep] % 64, reduction="sum")
                loss, tokens = loss + here, tokens + batch.valid_tokens
                means.append(here / max(1, batch.valid_tokens))
    (loss / tokens).backward()
    return (loss / tokens).item(), model[0].weight.grad, torch.stack(means).mean().item(), tokens


@pytest.mark.parametrize("tail", ["short", "wrap"])
def test_valid_tokens_make_accumulation_over_ranks_the_loss_of_one_process(tail):
    settings = support.config(source={"use": "jsonl", "files": [support.FAQ], "text": "q"}, batch={"size": 16, "tail": tail}, run={"shuffle": True})
    alone = step_of([embedloom.torch.Loader(settings, copy=True)], 28, 4)  # the last of them has 7 rows of its own
    ranks = step_of([embedloom.torch.Loader(settings, rank=rank, world_size=3, copy=True) for rank in range(3)], 28, 4)
    assert ranks[3] == alone[3] > 500
    assert ranks[0] == pytest.approx(alone[0], rel=1e-6) and torch.allclose(ranks[1], alone[1], atol=1e-7)
    assert abs(ranks[2] - alone[0]) > 1e-4 * alone[0], "a mean of means is another number"


@pytest.fixture
def lines(tmp_path):
    """A config over a folder of a file of 90 lines."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.txt").write_text("".join(f"line {number} of the file\n" for number in range(90)))
    path = tmp_path / "config.yaml"
    path.write_text(json.dumps({"schema": 1, **support.config(source={"files": ["data"]}, batch={"size": 8, "tail": "drop"}, run={"shuffle": True})}))
    return path


def test_the_config_is_read_once(lines, tmp_path, monkeypatch):
    """What its file says later changes no epoch, nor does another working folder."""
    monkeypatch.chdir(tmp_path)
    loader, other = embedloom.torch.Loader("config.yaml"), embedloom.torch.Loader(lines)
    first = [batch["input_ids"].shape for batch in loader]
    lines.write_text(lines.read_text().replace('"size": 8', '"size": 20'))
    monkeypatch.chdir("/")
    loader.set_epoch(0)
    assert [batch["input_ids"].shape for batch in loader] == [batch["input_ids"].shape for batch in other] == first and len(loader) == 11
    assert next(iter(embedloom.torch.Loader(lines)))["input_ids"].shape[0] == 20


def test_data_that_changes_between_epochs_is_an_error(lines, tmp_path):
    loader = embedloom.torch.Loader(lines)
    rows = sum(batch.valid_rows for batch in loader)
    state = loader.state_dict()
    (tmp_path / "data" / "b.txt").write_text("one more\n" * 30)
    for call in (list, len):
        with pytest.raises(embedloom.ConfigError, match="other data files"):
            call(loader)
    again = pickle.loads(pickle.dumps(loader))
    with pytest.raises(embedloom.ConfigError, match="other data files"):
        list(again)
    again.load_state_dict(state, accept_changed_data=True)
    assert sum(batch.valid_rows for batch in again) == rows + 32


def test_explain_tells_of_no_other_record(lines, tmp_path):
    with embedloom.open(lines) as session:
        for _ in range(3):
            next(session)
        told = session.explain(0, 1)
        (tmp_path / "data" / "b.txt").write_text("one more\n" * 30)
        with pytest.raises(embedloom.ConfigError, match="other data files"):
            session.explain(0, 1)
        (tmp_path / "data" / "b.txt").unlink()
        assert session.explain(0, 1) == told
        lines.write_text(lines.read_text().replace('"max_length": 64', '"max_length": 5'))
        with pytest.raises(embedloom.ConfigError, match="other config values"):
            session.explain(0, 1)


@pytest.mark.parametrize("tail, said", [("short", 1), ("drop", 0), ("wrap", 0)])
def test_a_last_batch_without_rows_for_a_rank_is_told_before_it_comes(lines, caplog, tail, said):
    with embedloom.open(lines, {"batch.tail": tail, "batch.size": 11}, rank=0, world_size=4) as session:
        session.begin_epoch(0)
        assert session.last_rows() == (2 if tail == "short" else 11)
    assert [record.message for record in caplog.records if record.levelname == "WARNING"] == [
        "the last batch, of step 8, has 2 rows for 4 ranks: some get a batch without rows; batch.tail: drop or wrap gives all of them some"] * said
