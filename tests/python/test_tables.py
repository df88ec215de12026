"""Batches as Arrow tables: every kind of array, pads on either side, memory of its own."""

import json

import numpy
import pyarrow
import pytest

import support
import embedloom
from embedloom.tables import table_of


def labelled(tmp_path, **changes):
    """Lines of one to five words, each with a label."""
    path = tmp_path / "lines.jsonl"
    path.write_text("".join(json.dumps({"text": "word " * (1 + i % 5), "label": i}) + "\n" for i in range(20)))
    return support.config(source={"use": "jsonl", "files": [str(path)], "label": "label"}, batch={"size": 8, "emit": ["input_ids", "labels"]}, **changes)


def test_a_label_is_a_number_and_ids_are_a_list(tmp_path):
    with embedloom.open(labelled(tmp_path)) as session:
        tables = [table_of(batch) for batch in session]
    assert [table.num_rows for table in tables] == [8, 8, 4]
    table = pyarrow.concat_tables(tables)
    assert table.schema.names == ["file", "byte", "record", "epoch", "input_ids", "labels"]
    assert table["labels"].to_pylist() == list(range(20)) and table.schema.field("labels").type == pyarrow.int64()
    assert list(map(len, table["input_ids"].to_pylist())) == [3 + i % 5 for i in range(20)]


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_vectors_are_those_of_the_batch_without_pads(dtype, side):
    settings = support.pairs(embedding={"dtype": dtype}, batch={"pad_side": side})
    with embedloom.open(settings) as session:
        batch = next(session).copy()
    table = table_of(batch)
    numbers = table.schema.field("embeddings").type.value_type.value_type
    assert numbers == (pyarrow.float16() if dtype == "float16" else pyarrow.float32()), "Arrow has no bfloat16"
    values = numpy.asarray(batch["embeddings"]).astype(numpy.float32)
    for row, length in enumerate(batch.row_lengths):
        kept = values[row, batch.length - length :] if side == "left" else values[row, :length]
        vectors = numpy.array(table["embeddings"][row].as_py(), dtype=numpy.float32)
        assert numpy.array_equal(vectors, kept)


def test_a_table_stays_when_its_session_goes(tmp_path):
    session = embedloom.open(labelled(tmp_path), threads=1)
    tables = []
    for batch in session:
        tables.append((table_of(batch), table_of(batch.copy())))
        del batch
    session.close()
    assert len(tables) == 3 and all(table.equals(copy) for table, copy in tables)
    assert [row for table, _ in tables for row in table["labels"].to_pylist()] == list(range(20))
