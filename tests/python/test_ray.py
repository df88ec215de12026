"""On a Ray cluster of two workers: the rows of a local run, whatever makes them, also after a worker is killed."""

import os
import pickle
import signal

import numpy
import pyarrow.parquet
import pytest
import ray
import ray.data
import ray.exceptions
from ray.data.datasource import ReadTask

import support
import embedloom
import embedloom.ray
import embedloom.tables

MLM = support.config(source={"use": "jsonl", "files": [support.FAQ], "text": "q"}, objective={"use": "mlm"},
                     batch={"size": 16, "emit": ["input_ids", "labels"]}, run={"shuffle": True, "window_bytes": 4000, "epochs": 2})
TEXT = support.config(batch={"size": 48, "pad_side": "left", "emit": ["input_ids", "attention_mask", "offset_mapping"]}, run={"window_bytes": 50_000})


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    """Vectors of 60 pairs."""
    path = tmp_path_factory.mktemp("pairs") / "pairs.jsonl"
    path.write_text("".join(open(support.FAQ).readlines()[:60]))
    return support.pairs(source={"files": [str(path)]}, embedding={"dtype": "bfloat16"}, run={"shuffle": "blocks", "window_bytes": 2000})


@pytest.fixture(scope="module", autouse=True)
def cluster():
    patch = pytest.MonkeyPatch()
    patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    patch.setenv("PYTHONPATH", str(support.PACKAGE))  # workers find the package as any process does, not as this one did
    ray.init(num_cpus=2, object_store_memory=200 << 20, include_dashboard=False, logging_level="error")
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.execution_options.preserve_order = True
    yield
    ray.shutdown()
    patch.undo()


def numbers(array):
    """The array as float32 where it is bfloat16."""
    values = numpy.asarray(array)
    return values.astype(numpy.float32) if array.dtype == "bfloat16" else values


def local_rows(settings):
    """A run on one rank, window by window: each row as where it is from, and its arrays without pads."""
    out = []
    with embedloom.open(settings, {"run.lanes": 1}) as session:
        for batch in session:
            arrays = {name: numbers(array) for name, array in batch.items()}
            for row, (origin, length) in enumerate(zip(batch.provenance, batch.row_lengths, strict=True)):
                kept = slice(batch.length - length, None) if settings["batch"].get("pad_side") == "left" else slice(length)
                out.append(tuple(origin[:4]) + tuple(array[row, kept].tolist() for array in arrays.values()))
    return out


def rows_of(dataset):
    """The same of a dataset."""
    lists = [table.to_pylist() for table in map(ray.get, dataset.to_arrow_refs())]
    return [tuple(row.values()) for rows in lists for row in rows]


@pytest.mark.parametrize("settings", ["mlm", "text", "pairs"])
def test_the_rows_are_those_of_a_local_run(settings, pairs):
    settings = {"mlm": MLM, "text": TEXT, "pairs": pairs}[settings]
    wanted = local_rows(settings)
    dataset = embedloom.ray.dataset(settings, override_num_blocks=5)
    assert rows_of(dataset) == wanted and len(wanted) >= 60


def test_sizes_and_rows_are_told_before_anything_is_made():
    source = embedloom.ray.WindowSource(MLM)
    tasks = source.get_read_tasks(7)
    assert len(tasks) == 8, "four to an epoch"
    assert [task.metadata.num_rows for task in tasks] == [sum(table.num_rows for table in task()) for task in tasks]
    assert embedloom.ray.dataset(MLM).count() == 1006
    made = sum(table.nbytes for task in tasks for table in task())
    assert 0.5 < source.estimate_inmemory_data_size() / made < 2
    assert len(source.get_read_tasks(1)) == 2
    windows = embedloom.open(MLM).windows()
    assert len(source.get_read_tasks(10**6)) == 2 * windows
    for task in pickle.loads(pickle.dumps(tasks)):
        assert all(table.schema == task.schema for table in task())


def test_parquet_holds_the_rows(tmp_path, pairs):
    embedloom.ray.dataset(pairs, override_num_blocks=3).write_parquet(str(tmp_path))
    rows = [tuple(row.values()) for file in tmp_path.glob("*.parquet") for row in pyarrow.parquet.read_table(file).to_pylist()]
    assert sorted(rows) == sorted(local_rows(pairs))


def test_vectors_as_tensors_are_an_array_a_row(pairs):
    dataset = embedloom.ray.dataset(pairs, vectors="tensors", override_num_blocks=2)
    wanted = {row[:4]: row[-1] for row in local_rows(pairs)}
    seen = 0
    for batch in dataset.iter_batches(batch_size=100, batch_format="numpy"):
        for *origin, ids, vectors in zip(*(batch[name] for name in ("file", "byte", "record", "epoch", "input_ids", "embeddings"))):
            assert vectors.dtype == numpy.float32 and vectors.shape == (len(ids), 384)
            assert vectors.tolist() == wanted[tuple(value.item() if hasattr(value, "item") else value for value in origin)]
            seen += 1
    assert seen == len(wanted)


def test_a_worker_that_is_killed_changes_nothing(tmp_path, monkeypatch):
    marker = tmp_path / "killed"
    # Small blocks: Ray has some of the dead reader's when it begins again.
    monkeypatch.setattr(ray.data.DataContext.get_current(), "target_max_block_size", 4096)

    def dying_once(read):
        def read_and_die():
            for number, table in enumerate(read()):
                if number == 3 and not marker.exists():
                    marker.write_text(str(os.getpid()))
                    os.kill(os.getpid(), signal.SIGKILL)
                yield table

        return read_and_die

    class DyingSource(embedloom.ray.WindowSource):
        def get_read_tasks(self, *arguments, **options):
            tasks = super().get_read_tasks(*arguments, **options)
            return [ReadTask(dying_once(task.read_fn), task.metadata, task.schema) for task in tasks]

    dataset = ray.data.read_datasource(DyingSource(MLM), override_num_blocks=4).materialize()
    assert rows_of(dataset) == local_rows(MLM)
    assert dataset.num_blocks() > 20 and int(marker.read_text()) != os.getpid(), "the reader died, and not the driver"


def test_what_is_wrong_with_a_config_is_told_before_any_task():
    with pytest.raises(embedloom.ConfigError) as caught:
        embedloom.ray.dataset(MLM, {"batch.size": 0})
    assert caught.value.key_path == "batch.size" and caught.value.found == "0"
    for key, value in [("steps", 3), ("epochs", "endless")]:
        with pytest.raises(embedloom.ConfigError) as caught:
            embedloom.ray.dataset(MLM, {f"run.{key}": value})
        assert caught.value.key_path == f"run.{key}"
    with pytest.raises(embedloom.MissingInputError):
        embedloom.ray.dataset("no.yaml")
    with pytest.raises(ValueError, match="'lists' or 'tensors'"):
        embedloom.ray.dataset(MLM, vectors="list")


def test_a_bad_record_is_the_package_s_error_with_its_place(tmp_path, caplog):
    path = tmp_path / "lines.jsonl"
    path.write_text('{"text": "one line"}\n' * 30 + '{"text": 7}\n' + '{"text": "one line"}\n' * 30)
    settings = support.config(source={"use": "jsonl", "files": [str(path)]}, batch={"size": 4}, run={"window_bytes": 100})
    with pytest.raises(embedloom.BadDataError) as caught:
        embedloom.ray.dataset(settings, override_num_blocks=2).materialize()
    assert caught.value.code == embedloom.Code.bad_data and caught.value.file == str(path) and caught.value.line == 31
    skipping = embedloom.ray.WindowSource(settings, {"run.on_error": "skip"})
    assert ray.data.read_datasource(skipping, override_num_blocks=2).count() == 60
    assert sum(table.num_rows for task in skipping.get_read_tasks(3) for table in task()) == 60
    (told,) = [record.getMessage() for record in caplog.records if record.name == "embedloom"]
    assert told == "windows 4 to 7 of epoch 0: 1 of 19 records are bad and were skipped"


def test_data_that_is_not_the_driver_s_is_refused(tmp_path):
    path = tmp_path / "lines.txt"
    path.write_text("a line\n" * 100)
    dataset = embedloom.ray.dataset(support.config(source={"files": [str(path)]}, batch={"size": 4}), override_num_blocks=1)
    path.write_text("another line\n" * 100)
    with pytest.raises(embedloom.ConfigError, match="other data files .* here than where the run was begun"):
        dataset.materialize()


def test_a_config_file_brings_its_folder_and_variables_along(tmp_path, monkeypatch):
    (tmp_path / "data.txt").write_text("a line\nanother one\n")
    (tmp_path / "job.yaml").write_text("""schema: 1
source: {use: text, files: [data.txt]}
tokenizer: {use: wordpiece, vocab: "${RAY_TEST_MODEL}/vocab.txt"}
segment: {use: single, max_length: 8}
batch: {size: 2, emit: [input_ids]}
""")
    monkeypatch.setenv("RAY_TEST_MODEL", str(support.BERT))  # the workers' machine has none
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.chdir(tmp_path)
    dataset = embedloom.ray.dataset("job.yaml")
    monkeypatch.chdir("/")
    monkeypatch.delenv("RAY_TEST_MODEL")
    assert [row["byte"] for row in dataset.take_all()] == [0, 7]


@pytest.mark.parametrize("kind", sorted({kind.__name__ for kind in embedloom.Error.__subclasses__()}))
def test_every_error_comes_through_ray_as_itself(kind):
    mistake = embedloom.Mistake(embedloom.Code.io, "what happened", file="a.txt", byte=7)
    through = ray.exceptions.RayTaskError("read", "no traceback", pickle.loads(pickle.dumps(getattr(embedloom, kind)((mistake,)))))
    error = pickle.loads(pickle.dumps(through)).as_instanceof_cause()
    assert isinstance(error, getattr(embedloom, kind)) and (error.file, error.byte) == ("a.txt", 7) and error.errors == (mistake,)


def test_importing_the_package_does_not_import_ray():
    assert support.run("import sys, embedloom; print({'ray', 'pyarrow'} & set(sys.modules))") == "set()\n"
