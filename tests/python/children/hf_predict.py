"""Predictions of two kinds of heads over a Loader by Trainer, and gather_rows: hf_predict.py ROWS SIZE [--wrap]."""

import argparse

import accelerate
import common
import torch
import transformers

import embedloom.torch
import support
from embedloom.accelerate import gather_rows
from embedloom.trainer import Trainer

parser = argparse.ArgumentParser()
parser.add_argument("rows", type=int)
parser.add_argument("size", type=int)
parser.add_argument("--wrap", action="store_true")
options = parser.parse_args()
text = common.OUT / "lines.txt"
settings = support.config(source={"use": "text", "files": [str(text)]}, segment={"max_length": 24},
                          batch={"size": options.size, "tail": "wrap" if options.wrap else "short", "emit": ["input_ids", "attention_mask"]})


class Heads(torch.nn.Module):
    """Logits of each token and of each row, and a loss of each row that is the mean of its ids."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(1))
        self.config = transformers.PretrainedConfig()

    def forward(self, input_ids, attention_mask, labels=None):
        if input_ids.shape[0] == 0:
            raise ValueError("a batch without a row")
        mean = input_ids.sum(1) / 1000 * self.weight
        return {"loss": mean.mean(), "logits": (input_ids * self.weight, mean)}


class Labelled(Trainer):
    def prediction_step(self, model, inputs, prediction_loss_only, ignore_keys=None):
        return super().prediction_step(model, {**inputs, "labels": inputs["input_ids"].clone()}, prediction_loss_only, ignore_keys)


arguments = transformers.TrainingArguments(output_dir=str(common.OUT / "predict"), report_to=[], use_cpu=True, disable_tqdm=True, per_device_eval_batch_size=3)
seen = []
trainer = Labelled(model=Heads(), args=arguments, compute_metrics=lambda given: seen.append(len(given.label_ids)) or {"rows": len(given.label_ids)})
found = trainer.predict(embedloom.torch.Loader(settings))
whole = [[token for token in row if token not in (0, -100)] for row in found.label_ids.tolist()]
tokens = [[token for token in row if token not in (0, -100)] for row in found.predictions[0].tolist()]
evaluated = trainer.evaluate(embedloom.torch.Loader(settings))
rates = [metrics[name + "_samples_per_second"] * metrics[name + "_runtime"] for name, metrics in (("eval", evaluated), ("test", found.metrics))]
common.note("predicted", labels=whole, tokens=tokens, means=found.predictions[1].tolist(), loss=evaluated["eval_loss"], seen=seen, rates=rates)
accelerator = accelerate.Accelerator(cpu=True)
loader = embedloom.torch.Loader(settings)
rows = [gather_rows(accelerator, {"ids": [batch["input_ids"]], "of": (batch["input_ids"].sum(1), torch.tensor(batch.valid_rows))}) for batch in loader]
common.note("gathered", ids=[[token for token in row if token] for batch in rows for row in batch["ids"][0].tolist()],
            sums=[row for batch in rows for row in batch["of"][0].tolist()], counts=[batch["of"][1].flatten().tolist() for batch in rows])
