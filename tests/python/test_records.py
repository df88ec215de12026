"""Tables that are in Python already: the rows of files with the same texts, whoever made the table and however it is cut."""

import gc
import json
import pickle

import datasets
import duckdb
import numpy
import pandas
import polars
import pyarrow as pa
import pytest

import support
import embedloom

TEXTS = [line for line in open(support.JARGON, encoding="utf-8", newline="\n").read().split("\n") if line][:700]
TABLE = pa.table({"text": TEXTS})
CUT = pa.concat_tables([TABLE.slice(0, 5), TABLE.slice(5, 0), TABLE.slice(5, 1), TABLE.slice(6, 300), TABLE.slice(306)])


def settings(**changes):
    """A masked run in an exact shuffle, whose source is what is given as records."""
    out = support.config(objective={"use": "mlm"}, batch={"size": 32, "emit": ["input_ids", "labels"]}, run={"shuffle": True})
    del out["source"]
    for key, value in changes.items():
        out[key] = {**out.get(key, {}), **value}
    return out


def rows(session):
    """Each row's numbers without pads, and the session closed."""
    out = []
    with session:
        for batch in session:
            columns = [array.numpy() for name, array in batch.items() if not array.dtype.startswith("float") or len(array.shape) == 1]
            for row, length in enumerate(batch.row_lengths):
                out.append(b"|".join(c[row][:length].tobytes() if c.ndim > 1 else c[row].tobytes() for c in columns))
    return out


@pytest.fixture(scope="module")
def of_a_file(tmp_path_factory):
    """The rows that the same texts give from a file of lines."""
    path = tmp_path_factory.mktemp("records") / "lines.txt"
    path.write_text("\n".join(TEXTS) + "\n", encoding="utf-8")
    found = rows(embedloom.open({**settings(), "source": {"use": "text", "files": [str(path)]}}))
    assert len(found) == len(TEXTS) and len(set(found)) > 600
    return found


MAKERS = {
    "pyarrow": lambda: TABLE,
    "in chunks": lambda: CUT,
    "sliced": lambda: pa.concat_tables([TABLE, TABLE]).slice(700),
    "large_string": lambda: TABLE.cast(pa.schema({"text": pa.large_string()})),
    "string_view": lambda: TABLE.cast(pa.schema({"text": pa.string_view()})),
    "dictionary": lambda: pa.table({"text": pa.array(TEXTS).dictionary_encode()}),
    "a stream": lambda: CUT.to_reader(max_chunksize=50),
    "polars": lambda: polars.DataFrame({"n": range(len(TEXTS)), "text": TEXTS}),
    "polars in chunks": lambda: polars.concat([polars.DataFrame({"text": TEXTS[:9]}), polars.DataFrame({"text": TEXTS[9:]})], rechunk=False),
    "duckdb": lambda: duckdb.from_arrow(TABLE).project("text"),
    "pandas": lambda: pandas.DataFrame({"text": TEXTS}),
    "datasets": lambda: datasets.Dataset.from_dict({"text": TEXTS}),
    "datasets in another order": lambda: datasets.Dataset.from_dict({"text": TEXTS[::-1]}).select(range(len(TEXTS) - 1, -1, -1)),
}


@pytest.mark.parametrize("maker", MAKERS)
def test_whoever_made_the_table_its_rows_are_those_of_a_file_of_lines(of_a_file, maker):
    assert rows(embedloom.open(settings(), records=MAKERS[maker]())) == of_a_file


@pytest.mark.parametrize("threads", [1, 2, 8])
def test_rows_do_not_depend_on_threads(of_a_file, threads):
    assert rows(embedloom.open(settings(), records=CUT, threads=threads)) == of_a_file


@pytest.mark.parametrize("world", [1, 2, 3])
def test_ranks_share_every_batch(of_a_file, world):
    shares = []
    for rank in range(world):
        with embedloom.open(settings(), records=[TABLE, CUT][rank % 2], rank=rank, world_size=world) as session:
            assert session.length() == 22
            shares.append([[(ids[:n].tobytes(), labels[:n].tobytes()) for ids, labels, n in
                            zip(batch["input_ids"].numpy(), batch["labels"].numpy(), batch.row_lengths)] for batch in session])
    assert [b"|".join(row) for parts in zip(*shares, strict=True) for part in parts for row in part] == of_a_file


@pytest.mark.parametrize("shuffle", [False, "blocks"])
def test_other_orders_give_every_record_once(of_a_file, shuffle):
    changes = settings(run={"shuffle": shuffle, "window_bytes": "4 KiB"})
    with embedloom.open(changes, records=TABLE) as session:
        seen = [origin.row for batch in session for origin in batch.provenance]
    assert sorted(seen) == list(range(len(TEXTS)))
    assert rows(embedloom.open(changes, records=CUT)) == rows(embedloom.open(changes, records=polars.DataFrame({"text": TEXTS})))
    if shuffle is False:
        with embedloom.open(changes, records=TABLE) as session:
            # Lanes deal their windows in turn: within each, rows are in the table's order.
            assert next(session).provenance[0].row == 0


def test_a_state_goes_on_with_any_table_of_the_same_rows(of_a_file):
    states = []
    with embedloom.open(settings(), records=TABLE) as session:
        for batch in session:
            states.append(session.state_dict())
    assert len(states) == 22
    for step in range(0, 22, 3):
        with embedloom.open(settings(), records=[CUT, MAKERS["polars"]()][step % 2], threads=2) as session:
            session.load_state_dict(states[step])
            assert rows(session) == of_a_file[(step + 1) * 32 :]


@pytest.mark.parametrize("change", ["a word", "a row less", "two rows changed about"])
def test_a_changed_table_is_refused_by_name(change):
    with embedloom.open(settings(), records=TABLE) as session:
        next(session)
        state = session.state_dict()
    texts = list(TEXTS)
    if change == "a word":
        texts[123] = "x" * len(texts[123].encode())
    elif change == "a row less":
        texts.pop()
    else:
        texts[7], texts[400] = texts[400], texts[7]
    with embedloom.open(settings(), records=pa.table({"text": texts})) as session:
        session.load_state_dict(state)
        with pytest.raises(embedloom.ConfigError, match="data"):
            next(session)


def test_pairs_and_labels_are_those_of_json_lines(tmp_path):
    lines = [json.loads(line) for line in open(support.FAQ, encoding="utf-8")][:200]
    table = pa.table({"answer": [line["a"] for line in lines], "question": [line["q"] for line in lines], "good": pa.array(range(200), pa.uint8())})
    path = tmp_path / "pairs.jsonl"
    for kind, labels in (("integer", table["good"]), ("number", pa.array([n / 4 for n in range(200)], pa.float32()))):
        given = table.set_column(2, "good", labels)
        path.write_text("".join(json.dumps(row) + "\n" for row in given.to_pylist()), encoding="utf-8")
        common = {"text": "question", "pair": "answer", "label": "good"}
        config = support.config(segment={"use": "pair", "max_length": 96}, run={"window_bytes": "1 MiB", "lanes": 1},
                                batch={"size": 16, "emit": ["input_ids", "token_type_ids", "labels"]})
        wanted = rows(embedloom.open({**config, "source": {"use": "jsonl", "files": [str(path)], **common, "label_type": kind}}))
        assert rows(embedloom.open({**config, "source": common}, records=given)) == wanted
        assert rows(embedloom.open({**config, "source": {"use": "arrow", **common}}, records=polars.from_arrow(given))) == wanted


@pytest.mark.parametrize("kind", [pa.list_(pa.int32()), pa.large_list(pa.int64()), pa.list_(pa.uint16())])
def test_ids_that_are_there_give_the_rows_of_their_texts(kind):
    tokenizer = embedloom.tokenizer(str(support.BERT / "vocab.txt"))
    lines = [json.loads(line) for line in open(support.FAQ, encoding="utf-8")][:200]
    ids = {name: [tokenizer.encode(line[name], add_special_tokens=False).ids for line in lines] for name in "qa"}
    table = pa.table({"q": [line["q"] for line in lines], "a": [line["a"] for line in lines],
                      "q_ids": pa.array(ids["q"], kind), "a_ids": pa.array(ids["a"], kind)})
    config = support.config(segment={"use": "pair", "max_length": 48}, run={"window_bytes": "1 MiB", "lanes": 1},
                            batch={"size": 16, "emit": ["input_ids", "token_type_ids", "special_tokens_mask", "sequence_ids"]})
    wanted = rows(embedloom.open({**config, "source": {"text": "q", "pair": "a"}}, records=table))
    for source in ({"input_ids": "q_ids", "pair_input_ids": "a_ids"}, {"text": "q", "pair_input_ids": "a_ids"}, {"input_ids": "q_ids", "pair": "a"}):
        assert rows(embedloom.open({**config, "source": source}, records=table)) == wanted
    with embedloom.open({**config, "source": {"input_ids": "q_ids", "pair": "a"}}, records=table) as session:
        next(session)
        assert session.explain(0, 3).record == {"input_ids": ids["q"][3], "pair": lines[3]["a"], "row": 3}


def test_ids_may_be_masked_and_shuffled_and_truncated():
    tokenizer = embedloom.tokenizer(str(support.BERT / "vocab.txt"))
    ids = [tokenizer.encode(text, add_special_tokens=False).ids for text in TEXTS]
    config = settings(segment={"max_length": 16}, source={"input_ids": "ids"})
    with embedloom.open(config, records=pa.table({"ids": ids})) as session:
        for batch in session:
            found, labels = batch["input_ids"].numpy(), batch["labels"].numpy()
            for row, (origin, length) in enumerate(zip(batch.provenance, batch.row_lengths)):
                whole = [101, *ids[origin.row][:14], 102]
                assert numpy.where(labels[row] != -100, labels[row], found[row])[:length].tolist() == whole
                assert labels[row][0] == labels[row][length - 1] == -100


def test_an_id_beyond_the_vocabulary_is_a_bad_record():
    table = pa.table({"ids": [[5, 6], [7, 30522, 1], [8]]})
    config = settings(source={"input_ids": "ids"}, run={"shuffle": False})
    with embedloom.open(config, records=table) as session, pytest.raises(embedloom.BadDataError) as caught:
        next(session)
    assert caught.value.found == "token 1 of input_ids is 30522" and "below 30522" in caught.value.expected and caught.value.file == "records"
    with embedloom.open(config, {"run.on_error": {"policy": "skip", "at_most": "50 %"}}, records=table) as session:
        assert [origin.row for batch in session for origin in batch.provenance] == [0, 2]
        assert session.ledger["skipped"] == 1 and session.ledger["balanced"]


def test_what_needs_texts_is_refused_where_there_are_only_ids():
    table = pa.table({"ids": [[5, 6]]})
    with pytest.raises(embedloom.ConfigError, match="whole words") as caught:
        embedloom.open(settings(source={"input_ids": "ids"}, objective={"whole_words": True}), records=table)
    assert caught.value.key_path == "objective"
    with pytest.raises(embedloom.ConfigError, match="offset_mapping"):
        embedloom.open(settings(source={"input_ids": "ids"}, batch={"emit": ["offset_mapping"]}), records=table)


def test_bad_records_are_treated_as_the_config_says(tmp_path):
    table = pa.table({"text": ["one", None, "three", "four"]})
    with embedloom.open(settings(), records=table) as session, pytest.raises(embedloom.BadDataError) as caught:
        next(session)
    assert caught.value.found == "a null in column 'text' of row 1" and caught.value.line is None
    with embedloom.open(settings(), {"run.on_error": {"policy": "quarantine", "at_most": "50 %", "folder": str(tmp_path)}}, records=table) as session:
        assert sorted(origin.row for batch in session for origin in batch.provenance) == [0, 2, 3]
        assert session.ledger["quarantined"] == 1
    assert "of row 1" in "".join(path.read_text() for path in tmp_path.iterdir())


def test_a_row_leads_back_to_the_tables_row():
    with embedloom.open(settings(), records=CUT) as session:
        batch = next(session)
        for row in (0, 5, 31):
            origin = batch.provenance[row]
            assert origin.file == "records" and origin.record == origin.byte
            explained = session.explain(0, row)
            assert explained.record == {"text": TEXTS[origin.row], "row": origin.row}
            assert f"records, row {origin.row}\n" in str(explained)
        del batch
        explained = session.explain(3, 2)
        assert explained.record["text"] == TEXTS[explained.origin.row] and explained.step == 3
        assert sum(1 for _ in map(len, session)) == 21, "to explain leaves the session as it is"


_pools = []  # memory must be gone before its pool is


def made_in_a_pool():
    """A table, and the memory pool that all of it and nothing else is in."""
    pool = pa.proxy_memory_pool(pa.default_memory_pool())
    _pools.append(pool)
    table = pa.table({"text": pa.array(["some text or other"] * 100_000, memory_pool=pool)})
    assert pool.bytes_allocated() > 1_800_000
    return table, pool


def test_the_table_is_held_while_the_session_is_open_and_no_longer():
    table, pool = made_in_a_pool()
    size, before = pool.bytes_allocated(), pa.total_allocated_bytes()
    session = embedloom.open(settings(), records=table)
    assert pa.total_allocated_bytes() < before + 10_000, "nothing of the table is copied"
    del table
    gc.collect()
    kept = next(session)["input_ids"]
    state = session.state_dict()
    session.load_state_dict(state)
    assert next(session).step == 1 and session.explain(0, 0).record["text"] == "some text or other"
    assert next(session).step == 2 and pool.bytes_allocated() == size
    session.close()
    assert pool.bytes_allocated() == 0, "though an array of a batch lives on"
    assert kept.shape[0] == 32
    with pytest.raises(embedloom.UsageError, match="given its records back"):
        session.load_state_dict(state)


def test_a_session_that_is_dropped_gives_the_table_back():
    table, pool = made_in_a_pool()
    session = embedloom.open(settings(), records=table)
    del table
    gc.collect()
    assert pool.bytes_allocated() > 0
    del session
    gc.collect()
    assert pool.bytes_allocated() == 0


def test_what_python_raises_in_a_stream_is_told():
    def chunks():
        yield TABLE.to_batches()[0]
        raise ValueError("the disk is on fire")

    with pytest.raises(embedloom.BadDataError, match="the disk is on fire"):
        embedloom.open(settings(), records=pa.RecordBatchReader.from_batches(TABLE.schema, chunks()))


def test_a_stream_gives_its_rows_once():
    reader = TABLE.to_reader()
    assert len(rows(embedloom.open(settings(), records=reader))) == len(TEXTS)
    with pytest.raises((embedloom.Error, pa.ArrowInvalid)):
        rows(embedloom.open(settings(), records=reader))


DATASET = datasets.Dataset.from_dict({"text": TEXTS})


@pytest.mark.parametrize("records", [{"text": TEXTS}, TEXTS, datasets.DatasetDict({"train": DATASET}), DATASET.to_iterable_dataset(), "table"])
def test_what_is_no_table_is_refused(records):
    with pytest.raises(TypeError, match="__arrow_c_stream__"):
        embedloom.open(settings(), records=records)


def test_a_transform_that_would_not_be_applied_is_refused():
    with pytest.raises(TypeError, match="transform"):
        embedloom.open(settings(), records=DATASET.with_transform(lambda rows: rows))
    assert len(rows(embedloom.open(settings(), records=DATASET.with_format("torch")))) == len(TEXTS)


def test_a_column_by_itself_is_refused_with_advice():
    with pytest.raises(embedloom.ConfigError, match="records of type string") as caught:
        embedloom.open(settings(), records=TABLE["text"])
    assert caught.value.hint == 'give a column as a table: {"text": column}'


def test_a_table_without_rows_is_refused():
    with embedloom.open(settings(), records=TABLE.slice(0, 0)) as session, pytest.raises(embedloom.BadDataError, match="no record"):
        next(session)


def test_a_config_that_names_files_is_refused_unless_the_source_is_given_anew(of_a_file):
    config = support.config(**{**settings(), "source": {"use": "jsonl", "files": ["nowhere.jsonl"], "text": "q"}})
    with pytest.raises(embedloom.ConfigError) as caught:
        embedloom.open(config, records=TABLE)
    assert caught.value.key_path == "source.files" and len(caught.value.errors) == 1
    assert "override" in caught.value.hint
    assert rows(embedloom.open(config, {"source": {"use": "arrow", "text": "text"}}, records=TABLE)) == of_a_file


def test_the_source_arrow_needs_records():
    with pytest.raises(embedloom.ConfigError, match="no records") as caught:
        embedloom.open(settings(source={"use": "arrow"}))
    assert "records=table" in caught.value.hint


def test_a_column_that_is_not_there_is_told_with_those_that_are():
    with pytest.raises(embedloom.ConfigError, match="no column 'text'") as caught:
        embedloom.open(settings(), records=pa.table({"body": TEXTS, "title": TEXTS}))
    assert caught.value.key_path == "source.text" and caught.value.expected == "one of body, title"


def test_a_pickled_loader_takes_its_table_along(of_a_file):
    torch = pytest.importorskip("torch")
    import embedloom.torch
    from torch.utils.data import DataLoader

    def numbers(batches):
        return [(row[row != 0].numpy().tobytes() + b"|" + labels[row != 0].numpy().tobytes()) for batch in batches
                for row, labels in zip(batch["input_ids"], batch["labels"])]

    loader = embedloom.torch.Loader(settings(), records=polars.DataFrame({"text": TEXTS}))
    assert numbers(loader) == of_a_file and len(loader) == 22
    second = numbers(loader)
    assert second != of_a_file and len(second) == len(of_a_file)
    loader.set_epoch(0)
    copy = pickle.loads(pickle.dumps(loader))
    assert numbers(copy) == of_a_file
    workers = DataLoader(loader, batch_size=None, num_workers=1, multiprocessing_context="spawn")
    assert numbers(workers) == of_a_file
    state = loader.state_dict()
    assert torch.is_tensor(next(iter(loader))["input_ids"]) and state["epoch"] == 0


def test_a_query_runs_once_for_all_epochs_of_a_loader():
    import embedloom.torch

    class Query:
        runs = 0

        def __arrow_c_stream__(self, requested_schema=None):
            Query.runs += 1
            return TABLE.__arrow_c_stream__(requested_schema)

    loader = embedloom.torch.Loader(settings(), records=Query())
    for _ in range(2):
        for batch in loader:
            del batch
    assert Query.runs == 1 and len(loader) == 22
