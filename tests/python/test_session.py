"""embedloom.open and the batches of a session: what they hold, who owns their memory, what they say of themselves."""

import gc
import json

import numpy
import pytest
import safetensors.numpy

import support
import embedloom
import torch


def test_batches_are_those_that_the_program_writes(tmp_path):
    support.pipeline.run(tmp_path, support.pairs())
    files = sorted((tmp_path / "out").glob("batch-*.safetensors"))
    with embedloom.open(support.pairs()) as session:
        for file, batch in zip(files, session, strict=True):
            for name, wanted in safetensors.numpy.load_file(file).items():
                if name in batch:
                    assert numpy.array_equal(batch[name], wanted), (file, name)
        assert session.ledger["balanced"] and session.ledger["emitted"] == session.progress()["rows"] == 503
        assert session.progress()["share"] == 1.0


def test_a_config_is_a_path_a_text_or_a_dict(tmp_path, monkeypatch):
    settings = {"schema": 1, **support.config(source={"files": ["text.txt"]})}
    (tmp_path / "text.txt").write_text("one line\nand another\n")
    (tmp_path / "config.yaml").write_text(json.dumps(settings))
    fingerprints = set()
    for given in [tmp_path / "config.yaml", str(tmp_path / "config.yaml"), json.dumps(settings, indent=1), settings]:
        monkeypatch.chdir(tmp_path)
        with embedloom.open(given) as session:
            assert session.fingerprint is None
            assert next(session).rows == 2
            fingerprints.add(session.fingerprint)
    assert len(fingerprints) == 1 and fingerprints.pop().startswith("config:")


def test_overrides_are_a_dict_or_the_program_s_texts():
    for overrides in [{"batch.size": 8, "run.memory": "1 GiB", "batch.emit": ["input_ids"]}, ["batch.size=8", "batch.emit=[input_ids]"]]:
        with embedloom.open(support.config(), overrides) as session:
            batch = next(session)
            assert batch.rows == 8 and list(batch) == ["input_ids"]


def test_arrays_share_the_batch_s_memory():
    with embedloom.open(support.pairs()) as session:
        array = next(session)["embeddings"]
        views = [numpy.asarray(array), numpy.from_dlpack(array), array.numpy(), torch.from_dlpack(array).numpy(), numpy.asarray(memoryview(array))]
        assert {view.ctypes.data for view in views} == {views[0].ctypes.data} and views[0].ctypes.data % 64 == 0
        assert array.shape == views[0].shape == (16, array.shape[1], 384) and array.dtype == "float32"
        assert array.nbytes == views[0].nbytes and len(array) == 16
        assert array.__dlpack_device__() == (1, 0)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_narrow_numbers(dtype):
    with embedloom.open(support.pairs(embedding={"dtype": dtype})) as session:
        array = next(session)["embeddings"]
        tensor = torch.from_dlpack(array)
        assert tensor.dtype == getattr(torch, dtype)
        assert torch.equal(torch.from_numpy(array.numpy().astype("float32")), tensor.float())
        assert array.numpy().ctypes.data == tensor.data_ptr()
        if dtype == "bfloat16":
            with pytest.raises(BufferError, match="DLPack"):
                memoryview(array)


def test_a_batch_counts_what_the_loss_needs():
    settings = support.config(source={"use": "jsonl", "files": [support.FAQ], "text": "q"}, batch={"tail": "wrap"})
    with embedloom.open(settings) as session:
        batches = [(b.valid_rows, b.repeats, b.valid_tokens, int(numpy.asarray(b["attention_mask"])[: b.valid_rows].sum()),
                    b.rows, b.row_lengths) for b in session]
    assert sum(valid for valid, *_ in batches) == 503
    assert batches[-1][1] == 64 * 8 - 503
    for valid_rows, repeats, tokens, counted, rows, lengths in batches:
        assert tokens == counted == sum(lengths[:valid_rows]) and rows == 64 == valid_rows + repeats


def test_provenance_leads_to_the_record():
    with embedloom.open(support.pairs(run={"shuffle": True})) as session:
        batch = next(session)
        data = open(support.FAQ, "rb").read()
        for row, origin in enumerate(batch.provenance):
            question = json.loads(data[origin.byte :].split(b"\n")[0])["q"]
            ids = batch["input_ids"].numpy()[row]
            pieces = session.tokens(ids[: batch.row_lengths[row]])
            assert origin.file == support.FAQ and origin.epoch == 0
            assert pieces[1] == question.lower()[: len(pieces[1])]


@pytest.mark.parametrize("at_hand", [True, False])
def test_explain_tells_record_and_tokens(at_hand):
    with embedloom.open(support.pairs(run={"shuffle": True})) as session:
        for batch in session:
            if batch.step == 3:
                break
        wanted, origin = batch["input_ids"].numpy()[5].tolist(), batch.provenance[5]
        if not at_hand:
            del batch
            gc.collect()
        told = session.explain(3, 5)
        assert told.origin == origin and set(told.record) == {"text", "pair"} and told.record_bytes > len(told.record["text"])
        assert told.ids == wanted[: len(told.ids)] and not any(wanted[len(told.ids) :])
        assert told.tokens[0] == "[CLS]" and len(told.tokens) == len(told.columns["token_type_ids"]) == len(told.ids)
        assert repr(told.record["text"]) in str(told)
        with pytest.raises(IndexError):
            session.explain(3, 16)


def test_who_keeps_every_batch_is_told_so_and_may_go_on():
    with embedloom.open(support.config(), {"run.batches": 4}) as session:
        kept = [next(session) for _ in range(4)]
        with pytest.raises(embedloom.UsageError, match="all 4 batches.*run.batches"):
            next(session)
        del kept[1]
        assert next(session).step == 4


def test_memory_goes_back_when_the_last_view_dies():
    with embedloom.open(support.config(), {"run.batches": 2}) as session:
        batch = next(session)
        view = numpy.asarray(batch["input_ids"])[3:5]
        tensor = torch.from_dlpack(batch["attention_mask"])
        wanted = view.copy()
        held = next(session)
        del batch
        with pytest.raises(embedloom.UsageError):
            next(session)
        assert numpy.array_equal(view, wanted)
        del tensor
        with pytest.raises(embedloom.UsageError):
            next(session)
        del view
        assert next(session).step == held.step + 1


def test_a_copy_may_be_kept_for_ever():
    with embedloom.open(support.config(), steps=20) as session:
        kept = [batch.copy() for batch in session]
    with embedloom.open(support.config(), steps=20) as session:
        for batch, copy in zip(session, kept, strict=True):
            assert numpy.array_equal(batch["input_ids"], copy["input_ids"])
            assert batch.provenance == copy.provenance and batch.step == copy.step


def test_arrays_outlive_their_session():
    session = embedloom.open(support.pairs())
    batch = next(session)
    tensor, wanted = torch.from_dlpack(batch["embeddings"]), batch["embeddings"].numpy().copy()
    session.close()
    session.close()
    origins = batch.provenance
    del session, batch
    gc.collect()
    assert torch.equal(tensor, torch.from_numpy(wanted)) and origins[0].file == support.FAQ


def test_a_closed_session_says_so():
    session = embedloom.open(support.config())
    next(session)
    session.close()
    with pytest.raises(embedloom.UsageError, match="closed"):
        next(session)


def test_steps_and_threads_change_no_byte():
    def ids(threads):
        with embedloom.open(support.config(run={"shuffle": True}), threads=threads, steps=10) as session:
            return [numpy.asarray(batch["input_ids"]).tobytes() for batch in session]

    assert len(ids(1)) == 10 and ids(1) == ids(2) == ids(5)


def test_an_unknown_array_is_a_key_error_that_names_the_others():
    with embedloom.open(support.config()) as session:
        batch = next(session)
        with pytest.raises(KeyError, match="the batch has input_ids"):
            batch["labels"]
    assert 5 not in batch and batch.get(5) is None and "\ud800" not in batch and "input_ids" in batch
    with pytest.raises(KeyError, match="input_ids"):
        batch[5]


def test_an_id_beyond_the_vocabulary_has_no_token():
    with embedloom.open(support.config()) as session:
        assert session.tokens([101, 30521]) == embedloom.tokenizer(support.BERT / "vocab.txt").convert_ids_to_tokens([101, 30521])
        for wrong in [-1, 2**32]:
            with pytest.raises(embedloom.UsageError, match=f"ids: found {wrong}"):
                session.tokens([101, wrong])
        with pytest.raises(embedloom.UsageError, match="token id 30522, expected an id below 30522"):
            session.tokens([101, 30522, 10**9])
