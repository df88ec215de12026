"""Errors as Python users meet them: the right class, the program's words, every attribute, all mistakes at once."""

import errno
import os
import pathlib
import pickle

import pytest

import support
import embedloom
import embedloom.torch


def test_a_config_s_mistakes_read_as_on_the_command_line(tmp_path):
    path = support.ROOT / "configs" / "bad" / "several_mistakes.yaml"
    shown = [line.removeprefix("error: ") for line in support.pipeline.call("check", path, expected=78).stderr.splitlines()]
    with pytest.raises(embedloom.ConfigError) as caught:
        embedloom.open(path)
    error = caught.value
    # The program looks for plugins beside itself, the package in its own bin/.
    strip = [line.split("; looked in")[0].split(" looked in")[0] for line in shown]
    assert [mistake.text.split("; looked in")[0].split(" looked in")[0] for mistake in error.errors] == strip
    assert isinstance(error, ValueError) and error.code == 78 and error.code.name == "config"
    assert error.line and error.column and error.file == str(path)
    assert str(error).splitlines()[0] == f"{len(strip)} mistakes"


def test_attributes_of_one_mistake():
    text = "schema: 1\nsource: {use: text, files: [x.txt]}\ntokenizer: {use: wordpeice}\nsegment: {use: single, max_length: 0}\nbatch: {size: 4}\n"
    with pytest.raises(embedloom.ConfigError) as caught:
        embedloom.open(text)
    first = next(mistake for mistake in caught.value.errors if mistake.key_path == "segment.max_length")
    assert (first.file, first.line, first.column) == ("the config", 4, 36)
    assert first.found == "0" and first.expected.startswith("an integer from 1") and first.byte is None


def test_mistakes_of_a_dict_have_paths_and_no_lines():
    with pytest.raises(embedloom.ConfigError) as caught:
        embedloom.open(support.config(batch={"size": 0}), {"run.seed": -1})
    assert sorted(mistake.key_path for mistake in caught.value.errors) == ["batch.size", "run.seed"]
    for mistake in caught.value.errors:
        assert mistake.line is None and "--set" not in mistake.text and "the config" not in mistake.text
    assert any(mistake.text.startswith("overrides: run.seed=-1") for mistake in caught.value.errors)


def test_a_missing_file_is_a_file_not_found_error(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        embedloom.open(tmp_path / "no.yaml")
    assert isinstance(caught.value, embedloom.MissingInputError) and "no.yaml" in str(caught.value)
    for error in (caught.value, pickle.loads(pickle.dumps(caught.value))):
        assert (error.errno, error.filename) == (errno.ENOENT, str(tmp_path / "no.yaml"))
    with pytest.raises(embedloom.MissingInputError, match="gone.txt") as caught:
        embedloom.open(support.pipeline.write_config(tmp_path, support.config(source={"files": [str(tmp_path / "gone.txt")]})))
    assert (caught.value.errno, caught.value.filename) == (errno.ENOENT, None), "the config is there"


def test_a_bad_record_comes_after_the_batches_before_it(tmp_path):
    path = tmp_path / "lines.jsonl"
    path.write_text("".join(f'{{"text": "line {i}"}}\n' for i in range(100)) + '{"text": 7}\n')
    settings = support.config(source={"use": "jsonl", "files": [str(path)]}, batch={"size": 20}, run={"window_bytes": 200})
    with embedloom.open(settings) as session:
        steps = []
        with pytest.raises(embedloom.BadDataError) as caught:
            for batch in session:
                steps.append(batch.step)
        assert steps == list(range(len(steps))) and len(steps) >= 4
        error = caught.value
        assert error.file == str(path) and error.byte >= len(path.read_bytes()) - 12 and error.plugin.startswith("source/jsonl")
        with pytest.raises(embedloom.BadDataError) as again:
            next(session)
        assert str(again.value) == str(error), "whoever else asks is told too"


def test_errors_survive_pickling_and_other_processes():
    with pytest.raises(embedloom.ConfigError) as caught:
        embedloom.open(support.config(batch={"size": 0}))
    again = pickle.loads(pickle.dumps(caught.value))
    assert type(again) is embedloom.ConfigError and again.errors == caught.value.errors and str(again) == str(caught.value)
    told = embedloom.BadDataError("Caught BadDataError in DataLoader worker process 0")
    assert told.code == embedloom.Code.bad_data and "worker process 0" in str(told)


def test_what_is_no_config_is_a_type_error():
    for wrong in [support.config(batch={"size": {1, 2}}), {1: 2}]:
        with pytest.raises(TypeError):
            embedloom.open(wrong)
    with pytest.raises(TypeError, match="overrides"):
        embedloom.open(support.config(), "batch.size=8")


@pytest.mark.parametrize("argument", ["steps", "threads", "rank"])
@pytest.mark.parametrize("value", [-1, "2", 2.5, 2**64])
def test_a_number_that_cannot_be_is_refused_by_its_name(argument, value):
    numbers = {argument: value, **({"world_size": 2} if argument == "rank" else {})}
    with pytest.raises(embedloom.UsageError, match=f"{argument}: found .*{value}.*, expected an integer from 0 to") as caught:
        embedloom.open(support.config(), **numbers)
    assert caught.value.key_path == argument and str(value) in caught.value.found
    with pytest.raises(embedloom.UsageError, match=argument):
        next(iter(embedloom.torch.Loader(support.config(), **numbers)))


@pytest.mark.parametrize("config, overrides, folders, named", [
    (support.config(source={"files": ["\ud800.txt"]}), None, (), r"config: found '\\ud800' at character .*files.*UTF-8"),
    ("schema: 1\nsource: {use: text, files: [\ud800]}", None, (), r"config: found '\\ud800'"),
    (os.fsdecode(b"x\xff.yaml"), None, (), r"config: found '\\udcff' at character 1"),
    (os.fsencode("x\udcff.yaml"), None, (), "config: found"),
    (support.config(), {"source.text": "\udcff"}, (), r"overrides: found '\\udcff'"),
    (support.config(), None, ["\ud800"], r"plugin_folders: found '\\ud800'"),
    (support.config(), None, "plugins", "plugin_folders: found 'plugins', expected a list"),
])
def test_half_characters_are_refused_where_they_stand(config, overrides, folders, named):
    with pytest.raises(embedloom.UsageError, match=named):
        embedloom.open(config, overrides, plugin_folders=folders)


def test_an_empty_path_is_refused_with_what_is_wanted():
    with pytest.raises(embedloom.UsageError, match="found an empty path, expected the path of a config file"):
        embedloom.open("")


def test_a_step_or_row_before_the_first_is_an_index_error():
    with embedloom.open(support.config()) as session:
        for step, row, named in [(-1, 0, "no step -1"), (0, -1, "no row -1")]:
            with pytest.raises(IndexError, match=named):
                session.explain(step, row)
        with pytest.raises(embedloom.UsageError, match="epoch: found -1"):
            session.begin_epoch(-1)


def test_a_hint_names_the_argument_and_not_the_program_s_flag(tmp_path):
    path = tmp_path / "lines.txt"
    path.write_text("one\ntwo\nthree\n")
    settings = support.config(source={"files": [str(path)]}, batch={"size": 1})
    with embedloom.open(settings) as session:
        next(session)
        state = session.state_dict()
    path.write_text("one\ntwo\nother lines\n")
    with embedloom.open(settings) as session, pytest.raises(embedloom.ConfigError, match=r"accept_changed_data=True") as caught:
        session.load_state_dict(state)
        next(session)
    assert "--accept" not in str(caught.value)


def test_a_plugin_folder_may_have_any_name(tmp_path):
    folder = tmp_path / os.fsdecode(b"x\xff")
    folder.mkdir()
    embedloom.open(support.config(), plugin_folders=[folder]).close()


def test_a_plugin_folder_that_is_not_there_is_named():
    with pytest.raises(embedloom.UsageError, match="plugin_folders: .*nowhere"):
        embedloom.open(support.config(), plugin_folders=[pathlib.Path("nowhere")])


@pytest.mark.parametrize("config, overrides, place", [
    (support.config(run={"lanes": 64}), None, "run.lanes: "),
    (support.config(), {"run.lanes": 64}, "overrides: run.lanes=64: run.lanes: "),
])
@pytest.mark.parametrize("call", [next, lambda s: s.state_dict(), lambda s: s.length(), lambda s: s.windows(), lambda s: s.begin_epoch(0)])
def test_mistakes_that_only_the_data_show_are_told_in_words_of_python(config, overrides, place, call):
    config = {**config, "source": {"use": "text", "files": [str(support.BERT / "vocab.txt")]}}
    with embedloom.open(config, overrides) as session, pytest.raises(embedloom.ConfigError) as caught:
        call(session)
    assert str(caught.value).startswith(f"{place}found 64, expected a divisor of batch.size 64, at most the 4 windows")
