"""A real transformer: BERT's encoder gives from `embeddings` and from `word_embeddings` the hidden states that it gives from ids."""

import pytest
import safetensors.torch
import torch
import transformers

import support
import embedloom.torch

torch.set_num_threads(2)


@pytest.fixture(scope="module")
def bert():
    model = transformers.BertModel(transformers.BertConfig.from_json_file(support.BERT / "config.json"), add_pooling_layer=False).eval()
    weights = safetensors.torch.load_file(support.BERT / "model.safetensors")
    missing = model.load_state_dict({name.removeprefix("bert."): value for name, value in weights.items()}, strict=False).missing_keys
    assert not [name for name in missing if "position_ids" not in name]
    return model


EMIT = ["input_ids", "token_type_ids", "attention_mask", "embeddings", "word_embeddings"]


@pytest.mark.parametrize("side", ["right", "left"])
def test_hidden_states_equal_those_from_ids(bert, side):
    batches = embedloom.torch.Loader(support.pairs(batch={"emit": EMIT, "pad_side": side}, run={"shuffle": True}), steps=3)
    for batch in batches:
        ids, mask = batch["input_ids"], batch["attention_mask"]
        with torch.inference_mode():
            wanted = bert(input_ids=ids, attention_mask=mask, token_type_ids=batch["token_type_ids"]).last_hidden_state
            words = bert(inputs_embeds=batch["word_embeddings"], attention_mask=mask, token_type_ids=batch["token_type_ids"]).last_hidden_state
            extended = bert.get_extended_attention_mask(mask, ids.shape)
            finished = bert.encoder(batch["embeddings"], attention_mask=extended).last_hidden_state
        valid = mask.bool()
        assert valid.sum() == batch.valid_tokens > 500 and valid.sum() < valid.numel()
        assert torch.equal(words[valid], wanted[valid]), "word_embeddings are the rows that the model looks up itself"
        assert (finished[valid] - wanted[valid]).abs().max() <= 2e-5
