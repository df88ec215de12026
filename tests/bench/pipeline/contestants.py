"""The rivals of the pipeline benchmark: what an expert builds by hand today, and what most people run.

    contestants.py NAME DOCUMENTS SECONDS     one contestant in a process of its own: prints the seconds to its first batch and tokens a second

Every contestant makes the same thing: 64 documents a batch, 128 tokens at most, padded to the longest, 80/10/10 masks and labels.
"""
import json
import os
import pathlib
import sys
import time

STARTED = time.perf_counter()
ROOT = pathlib.Path(__file__).resolve().parents[3]
BERT = ROOT / "build" / "assets" / "bert"
ROWS, LENGTH, CALL = 64, 128, 64      # rows of a batch, tokens of a row, batches of text a call
CLS, SEP, MASK, VOCAB = 101, 102, 103, 30522


def documents(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line)["text"] for line in file]


def mask_tokens(numpy, draw, ids, is_text):
    """Labels, and ids changed in place: 15 % targets, of those 80 % masked, 10 % random."""
    target = (draw.random(ids.shape, dtype=numpy.float32) < 0.15) & is_text
    labels = numpy.where(target, ids, -100)
    action = draw.random(ids.shape, dtype=numpy.float32)
    ids[target & (action < 0.8)] = MASK
    random = target & (action >= 0.8) & (action < 0.9)
    ids[random] = draw.integers(0, VOCAB, int(random.sum()))
    return labels


def padded(numpy, ids, lengths):
    """[documents, 128] with [CLS] and [SEP], from flat ids without them; and which places are text."""
    ends = numpy.cumsum(lengths)
    starts = ends - lengths
    kept = numpy.minimum(lengths, LENGTH - 2).astype(numpy.int64)
    columns = numpy.arange(LENGTH - 2)
    is_text = numpy.zeros((len(lengths), LENGTH), bool)
    is_text[:, 1:-1] = columns < kept[:, None]
    out = numpy.zeros((len(lengths), LENGTH), numpy.int64)
    out[:, 0] = CLS
    places = numpy.minimum(starts[:, None].astype(numpy.int64) + columns, len(ids) - 1)
    out[:, 1:-1] = numpy.where(is_text[:, 1:-1], ids[places], 0)
    out[numpy.arange(len(lengths)), kept + 1] = SEP
    return out, is_text, kept + 2


def flat_batches(encode, texts):
    """Batches of a flat encoder: encode(texts) gives ids laid end to end and the length of each."""
    import numpy
    draw = numpy.random.default_rng(7)
    for begin in range(0, len(texts), ROWS * CALL):
        ids, lengths = encode(texts[begin:begin + ROWS * CALL])
        rows, is_text, sizes = padded(numpy, ids, lengths)
        labels = mask_tokens(numpy, draw, rows, is_text)
        for row in range(0, len(rows), ROWS):
            size = sizes[row:row + ROWS]
            longest = int(size.max())
            attention = (numpy.arange(longest) < size[:, None]).astype(numpy.int64)
            yield rows[row:row + ROWS, :longest], attention, labels[row:row + ROWS, :longest], int(size.sum())


def tokie(texts):
    import tokie as library
    tokenizer = library.Tokenizer.from_json(str(BERT / "tokenizer.json"))
    return flat_batches(lambda batch: tokenizer.encode_batch_flat(batch, add_special_tokens=False), texts)


def splintr(texts):
    import numpy
    import splintr as library
    tokenizer = library.from_json(str(BERT / "tokenizer.json"))

    def encode(batch):
        ids, ends = tokenizer.encode_batch_flat(batch)
        ids, ends = numpy.frombuffer(ids, numpy.uint32), numpy.frombuffer(ends, numpy.uint64)
        special = numpy.zeros(len(ids), bool)
        special[ends[:-1].astype(numpy.int64)] = True
        special[ends[1:].astype(numpy.int64) - 1] = True
        return ids[~special], (numpy.diff(ends) - 2).astype(numpy.int64)

    return flat_batches(encode, texts)


def data_loader(texts):
    import torch
    from transformers import BertTokenizerFast, DataCollatorForLanguageModeling
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    tokenizer = BertTokenizerFast(vocab_file=str(BERT / "vocab.txt"))

    class Texts(torch.utils.data.Dataset):
        def __len__(self):
            return len(texts)

        def __getitem__(self, i):
            return tokenizer(texts[i], truncation=True, max_length=LENGTH, return_special_tokens_mask=True)

    loader = torch.utils.data.DataLoader(Texts(), batch_size=ROWS, num_workers=2, collate_fn=DataCollatorForLanguageModeling(tokenizer))
    for batch in loader:
        yield batch["input_ids"], batch["attention_mask"], batch["labels"], int(batch["attention_mask"].sum())


def grain(texts):
    import grain as library
    from transformers import BertTokenizerFast, DataCollatorForLanguageModeling
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    tokenizer = BertTokenizerFast(vocab_file=str(BERT / "vocab.txt"))
    collate = DataCollatorForLanguageModeling(tokenizer)

    def encode(text):
        return tokenizer(text, truncation=True, max_length=LENGTH, return_special_tokens_mask=True)

    records = library.MapDataset.source(texts).shuffle(seed=7).map(encode).batch(ROWS, batch_fn=collate)
    for batch in records.to_iter_dataset(library.ReadOptions(num_threads=2, prefetch_buffer_size=8)):
        yield batch["input_ids"], batch["attention_mask"], batch["labels"], int(batch["attention_mask"].sum())


def with_embeddings(batches):
    """transformers' BertEmbeddings, MiniLM's weights, two threads."""
    import safetensors.torch
    import torch
    from transformers import BertConfig
    from transformers.models.bert.modeling_bert import BertEmbeddings
    torch.set_num_threads(2)
    module = BertEmbeddings(BertConfig.from_json_file(BERT / "config.json")).eval()
    weights = safetensors.torch.load_file(BERT / "model.safetensors")
    module.load_state_dict({name.removeprefix("embeddings."): value for name, value in weights.items()
                            if name.startswith("embeddings.") and "position_ids" not in name}, strict=False)
    with torch.inference_mode():
        for ids, attention, labels, tokens in batches:
            module(input_ids=torch.as_tensor(ids))
            yield ids, attention, labels, tokens


CONTESTANTS = {
    "tokie + numpy": tokie,
    "splintr + numpy": splintr,
    "DataLoader": data_loader,
    "Grain": grain,
    "tokie + numpy + BertEmbeddings": lambda texts: with_embeddings(tokie(texts)),
    "splintr + numpy + BertEmbeddings": lambda texts: with_embeddings(splintr(texts)),
}


def first_and_rate(batches, seconds):
    """Seconds from the start to the first batch, and tokens a second after it, pads not counted."""
    next(batches)
    begun = time.perf_counter()
    tokens = 0
    for *_, count in batches:
        tokens += count
        if time.perf_counter() - begun > seconds:
            break
    return begun - STARTED, tokens / (time.perf_counter() - begun)


if __name__ == "__main__":
    print(*first_and_rate(CONTESTANTS[sys.argv[1]](documents(sys.argv[2])), float(sys.argv[3])))
