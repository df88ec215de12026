"""Hugging Face's Trainer over a Loader: the global stream for any number of ranks, and a killed run that goes on as if it had not been."""

import json
import shutil
import sys
import warnings

import pytest
import transformers

import support

sys.path.insert(0, str(support.ROOT / "tests" / "python" / "children"))
import common  # noqa: E402

import embedloom  # noqa: E402
import embedloom.torch  # noqa: E402
from embedloom.trainer import LoaderMixin, Trainer, masked_loss  # noqa: E402


def train(out, world, *arguments, **named):
    out.mkdir(exist_ok=True)
    support.torchrun("hf_trainer.py", *arguments, world=world, out=out, **named)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Two ranks, two epochs of 16 batches, three to a step: the last of an epoch has one."""
    out = tmp_path_factory.mktemp("whole")
    train(out, 2, 12, 3)
    return out


def test_hugging_face_s_own_trainer_is_refused_with_the_name_of_ours(tmp_path):
    arguments = transformers.TrainingArguments(output_dir=str(tmp_path), max_steps=1, report_to=[], use_cpu=True)
    with pytest.raises(embedloom.UsageError, match="embedloom.trainer"):
        transformers.Trainer(model=common.bert(), args=arguments, train_dataset=embedloom.torch.Loader(common.SETTINGS)).train()


@pytest.mark.parametrize("tail", ["short", "drop", "wrap"])
def test_training_with_a_last_batch_without_rows_for_a_rank_is_refused(tmp_path, tail):
    (tmp_path / "lines.txt").write_text("a line\n" * 33)
    settings = support.config(source={"files": [str(tmp_path / "lines.txt")]}, batch={"size": 16, "tail": tail})
    arguments = transformers.TrainingArguments(output_dir=str(tmp_path), max_steps=1, report_to=[], use_cpu=True)

    def make(world):
        return Trainer(model=common.bert(), args=arguments, train_dataset=embedloom.torch.Loader(settings, rank=0, world_size=world))

    make(1)
    if tail != "short":
        make(2)
        return
    with pytest.raises(embedloom.ConfigError, match="a last batch of 1 row for 2 ranks.*batch.tail: drop, or wrap"):
        make(2)


def test_the_rows_of_all_ranks_are_the_stream_each_once(whole):
    assert support.shares(whole, 2) == common.stream(common.SETTINGS, 2)
    for rank in (0, 1):
        assert len(support.noted(whole, "rows", 2)[rank]) == 32


def test_samples_are_the_rows_of_all_ranks(whole):
    for (seen,) in support.noted(whole, "seen", 2):
        assert seen == {"rows": pytest.approx(2 * 503, abs=3), "examples": 503}


def test_a_killed_run_goes_on_with_the_rows_that_were_due_and_equal_losses(whole, tmp_path):
    train(tmp_path / "out", 2, 12, 3, "--die-at", 6, expected=1)
    assert set(support.losses(tmp_path / "out", 2)) == {1, 2, 3, 4, 5, 6}
    shutil.copytree(tmp_path / "out", tmp_path / "alone")
    train(tmp_path / "out", 2, 12, 3)
    assert support.shares(tmp_path / "out", 2) == support.shares(whole, 2)
    assert support.losses(tmp_path / "out", 2) == support.losses(whole, 2)
    assert support.noted(tmp_path / "out", "log", 1) == support.noted(whole, "log", 1), "epochs of the log, fractions too"
    # One process goes on where two stopped: the same rows, floats added in another order.
    (tmp_path / "alone" / "rows-1.jsonl").unlink()
    (tmp_path / "alone" / "rows-0.jsonl").unlink()
    train(tmp_path / "alone", 1, 12, 3)
    rows = common.stream(common.SETTINGS, 2)
    assert support.shares(tmp_path / "alone", 1) == {key: rows[key] for key in rows if key >= (0, 12)}
    found, wanted = support.losses(tmp_path / "alone", 1), support.losses(whole, 2)
    assert {step: found[step] for step in range(7, 13)} == pytest.approx({step: wanted[step] for step in range(7, 13)}, abs=2e-4)


def test_without_a_length_the_epochs_follow_each_other(tmp_path):
    train(tmp_path / "out", 1, 12, 3, "--unsized", "--die-at", 7, expected=1)
    train(tmp_path / "out", 1, 12, 3, "--unsized")
    rows = common.stream(common.UNSIZED, 3)
    assert support.shares(tmp_path / "out", 1) == {key: rows[key] for key in sorted(rows)[:36]}
    assert len(support.losses(tmp_path / "out", 1)) == 12


def test_with_max_steps_the_updates_are_those_of_any_number_of_ranks(tmp_path):
    """Ranks count the rows of these files beforehand, one process alone does not."""
    train(tmp_path / "one", 1, 12, 3, "--unsized")
    train(tmp_path / "two", 2, 12, 3, "--unsized")
    wanted = support.losses(tmp_path / "one", 1)
    assert support.losses(tmp_path / "two", 2) == pytest.approx(wanted, abs=2e-4)
    assert support.shares(tmp_path / "two", 2) == support.shares(tmp_path / "one", 1)
    train(tmp_path / "more", 1, 12, 3, "--unsized", "--die-at", 7, expected=1)
    (tmp_path / "more" / "loss-0.jsonl").unlink()
    train(tmp_path / "more", 2, 12, 3, "--unsized")
    assert len(support.noted(tmp_path / "more", "rows", 2)[1]) == 36 - 12, "from the checkpoint of step 4 on"
    assert support.losses(tmp_path / "more", 2) == pytest.approx({step: wanted[step] for step in range(5, 13)}, abs=2e-4)


def arguments(path, **more):
    return transformers.TrainingArguments(output_dir=str(path), report_to=[], use_cpu=True, disable_tqdm=True, **more)


def trained(path, resume=None, **more):
    trainer = Trainer(model=common.bert(), args=arguments(path, save_steps=2, **{"max_steps": 2, **more}),
                      train_dataset=embedloom.torch.Loader(common.SETTINGS), compute_loss_func=masked_loss)
    trainer.train(resume_from_checkpoint=resume)
    return trainer


def test_a_checkpoint_without_its_state_or_with_another_is_refused_by_name(tmp_path):
    trained(tmp_path)
    state = tmp_path / "checkpoint-2" / "embedloom.json"
    kept = state.read_text()
    state.write_text(kept[:-20])
    with pytest.raises(embedloom.BadDataError, match="checkpoint-2/embedloom.json"):
        trained(tmp_path, resume=True, max_steps=4)
    state.write_text(json.dumps({**json.loads(kept), "epoch": 7}))
    with pytest.raises(embedloom.BadDataError, match="checkpoint-2/embedloom.json.*epoch 7"):
        trained(tmp_path, resume=True, max_steps=4)
    state.write_text(json.dumps({"epoch": 7, "embedloom": json.loads(kept)["embedloom"].replace('"epoch":0', '"epoch":7')}))
    with pytest.raises(embedloom.ConfigError, match="gradient_accumulation_steps"):
        trained(tmp_path, resume=True, max_steps=4)
    state.unlink()
    with pytest.raises(embedloom.MissingInputError, match="checkpoint-2/embedloom.json"):
        trained(tmp_path, resume=str(tmp_path / "checkpoint-2"), max_steps=4)


def test_evaluation_sees_the_same_rows_each_time_and_leaves_the_training_alone(tmp_path):
    evaluated = embedloom.torch.Loader({**common.SETTINGS, "run": {"shuffle": False}, "batch": {**common.SETTINGS["batch"], "tail": "drop"}})
    trainer = Trainer(model=common.bert(), args=arguments(tmp_path, max_steps=4, eval_strategy="steps", eval_steps=2, save_strategy="no", learning_rate=0.0),
                      train_dataset=embedloom.torch.Loader(common.SETTINGS), eval_dataset=evaluated, compute_loss_func=masked_loss)
    trainer.train()
    losses = [entry["eval_loss"] for entry in trainer.state.log_history if "eval_loss" in entry]
    assert len(losses) == 2 and losses[0] == losses[1]
    assert trainer.train_dataset.position == 0 and trainer.train_dataset.state_dict()["embedloom"].startswith('{"version":1,"step":4,')


def held_out():
    return embedloom.torch.Loader({**common.SETTINGS, "run": {"shuffle": False}})


def evaluator(path, eval_dataset=None, **more):
    return Trainer(model=common.bert(), args=arguments(path, **more), eval_dataset=eval_dataset,
                   compute_metrics=lambda given: {"batches": len(given.label_ids)})


def test_a_dict_of_loaders_is_evaluated_one_by_one_as_in_transformers(tmp_path):
    alone = evaluator(tmp_path, held_out()).evaluate()["eval_loss"]
    found = evaluator(tmp_path, {"a": held_out(), "b": held_out()}).evaluate()
    assert found["eval_a_loss"] == found["eval_b_loss"] == alone
    given = evaluator(tmp_path)
    assert given.evaluate({"c": held_out()})["eval_c_loss"] == alone
    with pytest.raises(ValueError, match="train_dataset"):
        given.train()


def test_evaluation_may_keep_all_batches(tmp_path):
    apart = evaluator(tmp_path, held_out(), eval_do_concat_batches=False, include_for_metrics=["inputs"])
    assert apart.evaluate()["eval_batches"] == 16
    assert [len(labels) for labels in apart.predict(held_out()).label_ids] == 15 * [32] + [23]


def test_predictions_are_the_rows_of_the_loader_in_their_order(tmp_path):
    loader = held_out()
    found = evaluator(tmp_path).predict(loader)
    wanted = [labels for batch in held_out() for labels in batch["labels"].tolist()]
    assert [row[: len(labels)].tolist() for row, labels in zip(found.label_ids, wanted, strict=True)] == wanted
    assert found.predictions.shape == (503, 24, 30522) and "test_loss" in found.metrics


@pytest.mark.parametrize("world, rows, more", [(2, 35, []), (2, 33, []), (3, 35, []), (2, 35, ["--wrap"]), (1, 35, [])],
                         ids=["uneven", "none", "three", "repeats", "alone"])
def test_predictions_of_ranks_with_different_numbers_of_rows_are_all_rows_in_their_order(tmp_path, world, rows, more):
    (tmp_path / "lines.txt").write_text("".join(f"line {number} has {'word ' * (number % 7)} in it\n" for number in range(rows)))
    support.torchrun("hf_predict.py", rows, 16, *more, world=world, out=tmp_path)
    config = support.config(source={"use": "text", "files": [str(tmp_path / "lines.txt")]}, segment={"max_length": 24}, batch={"size": rows})
    batch = next(iter(embedloom.torch.Loader(config)))
    wanted = [[token for token in row if token] for row in batch["input_ids"].tolist()]
    means = [sum(row) / 1000 for row in wanted]
    for (found,) in support.noted(tmp_path, "predicted", world):
        assert found["labels"] == found["tokens"] == wanted
        assert found["means"] == pytest.approx(means)
        assert found["loss"] == pytest.approx(sum(means) / rows, rel=1e-5) or more, "the model's mean counts repeats"
        assert found["seen"] == [rows, rows] and found["rates"] == pytest.approx([rows, rows], rel=0.02)
    for (found,) in support.noted(tmp_path, "gathered", world):
        assert found["ids"][:rows] == wanted and found["sums"][:rows] == [sum(row) for row in wanted]
        assert [len(counts) for counts in found["counts"]] == 3 * [world] and sum(map(sum, found["counts"])) == rows


def test_another_dataset_is_told_what_is_wanted(tmp_path):
    with pytest.raises(TypeError, match="Loader"):
        Trainer(model=common.bert(), args=arguments(tmp_path, max_steps=1), train_dataset=[{"input_ids": [1]}])


def test_what_a_loader_makes_no_use_of_is_told(tmp_path):
    with pytest.warns(UserWarning, match="data_collator"):
        Trainer(model=common.bert(), args=arguments(tmp_path, max_steps=1), train_dataset=embedloom.torch.Loader(common.SETTINGS), data_collator=list)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        Trainer(model=common.bert(), args=arguments(tmp_path), eval_dataset=[{"input_ids": [1]}], data_collator=list)


def test_a_processing_class_that_no_checkpoint_can_save_is_refused_at_once(tmp_path):
    tokenizer = embedloom.tokenizer(str(support.BERT / "vocab.txt"))
    with pytest.raises(TypeError, match="save_pretrained.*Tokenizer"):
        Trainer(model=common.bert(), args=arguments(tmp_path, max_steps=1), train_dataset=embedloom.torch.Loader(common.SETTINGS), processing_class=tokenizer)
    saved = transformers.BertTokenizerFast(str(support.BERT / "vocab.txt"))
    Trainer(model=common.bert(), args=arguments(tmp_path, max_steps=1), train_dataset=embedloom.torch.Loader(common.SETTINGS), processing_class=saved)


def test_a_class_made_of_trainer_takes_the_mixin(tmp_path):
    class Mine(LoaderMixin, transformers.Trainer):
        pass

    mine = Mine(model=common.bert(), args=arguments(tmp_path, max_steps=1, save_strategy="no"), train_dataset=embedloom.torch.Loader(common.SETTINGS))
    assert mine.train().global_step == 1 and mine.args.ignore_data_skip
