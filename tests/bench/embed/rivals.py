"""The same embeddings by torch and transformers, one thread, each in its fastest call with memory that is used again."""

import numpy
import torch
from transformers.models.bert.modeling_bert import BertConfig, BertEmbeddings

ROWS, LENGTH, VOCABULARY, WIDTH = 256, 128, 30522, 768


def zipf_ids():
    """[ROWS, LENGTH] by a Zipf law of exponent 1.3, the ranks spread over the table."""
    generator = numpy.random.default_rng(7)
    weights = numpy.arange(1, VOCABULARY + 1) ** -1.3
    ranks = generator.choice(VOCABULARY, size=(ROWS, LENGTH), p=weights / weights.sum())
    return torch.from_numpy(generator.permutation(VOCABULARY)[ranks])


class Data:
    """What a batch is made of, in one type."""

    def __init__(self, dtype):
        config = BertConfig(vocab_size=VOCABULARY, hidden_size=WIDTH, max_position_embeddings=512)
        torch.manual_seed(7)
        self.model = BertEmbeddings(config).eval().to(dtype)
        self.word = self.model.word_embeddings.weight.detach()
        self.segment = self.model.token_type_embeddings.weight.detach()
        self.position = self.model.position_embeddings.weight.detach()[:LENGTH]
        self.norm = self.model.LayerNorm
        self.ids = zipf_ids()
        self.segment_ids = (torch.arange(LENGTH) > LENGTH // 2).long().expand(ROWS, LENGTH).contiguous()
        self.out = torch.ones(ROWS * LENGTH, WIDTH, dtype=dtype)
        self.other = torch.ones(ROWS * LENGTH, WIDTH, dtype=dtype)

    def copy(self):
        self.out.copy_(self.other)

    def gather(self):
        torch.index_select(self.word, 0, self.ids.view(-1), out=self.out)

    def sum(self):
        self.gather()
        torch.index_select(self.segment, 0, self.segment_ids.view(-1), out=self.other)
        self.out.add_(self.other)
        self.out.view(ROWS, LENGTH, WIDTH).add_(self.position)

    def bert(self):
        self.model(input_ids=self.ids, token_type_ids=self.segment_ids)


def compiled(data, with_norm):
    """torch.compile's fused loop over the whole batch. It has no out=: the allocator must keep what it frees."""

    def assemble(ids, segment_ids, word, segment, position, weight, bias):
        total = word[ids] + segment[segment_ids] + position
        if not with_norm:
            return total
        return torch.nn.functional.layer_norm(total, (WIDTH,), weight, bias, 1e-12)

    function = torch.compile(assemble, dynamic=False)
    arguments = (data.ids, data.segment_ids, data.word, data.segment, data.position,
                 data.norm.weight.detach(), data.norm.bias.detach())
    return lambda: function(*arguments)


def contestants(dtype):
    """{case: {rival: call}} for one type."""
    data = Data(dtype)
    copy = {"torch copy_": data.copy}
    return {
        "gather": {**copy, "torch index_select out=": data.gather},
        "sum": {**copy, "torch.compile": compiled(data, False), "torch gather and add out=": data.sum},
        "layer_norm": {**copy, "torch.compile": compiled(data, True), "transformers BertEmbeddings": data.bert},
    }
