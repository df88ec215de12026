// A fixed catalogue that looks like the real plugins, so that these tests need none.
#pragma once

#include <embedloom/config/description.h>

namespace embedloom::config {

inline void add_text_stages(Catalogue& catalogue) {
    catalogue.add({"source",
                   "text",
                   "1.0.0",
                   "Lines of text files.",
                   "Reads plain text.",
                   {{.name = "files", .type = Type::files, .is_required = true, .doc = "What to read."},
                    {.name = "records",
                     .type = Type::choice,
                     .fallback = "lines",
                     .choices = {"lines", "paragraphs", "files"},
                     .doc = "What a record is."},
                    {.name = "block",
                     .type = Type::size,
                     .fallback = "1 MiB",
                     .minimum = 1,
                     .maximum = 1 << 30,
                     .unit = "bytes",
                     .doc = "Read at a time.",
                     .keeps_rows = true}}});
    catalogue.add(
        {"source",
         "jsonl",
         "1.0.0",
         "Lines of JSON.",
         "",
         {{.name = "files", .type = Type::files, .is_required = true},
          {.name = "text", .type = Type::text, .is_required = true, .doc = "The field with the text."},
          {.name = "pair", .type = Type::text, .doc = "The field with the second text."}}});
    catalogue.add({"tokenizer",
                   "wordpiece",
                   "1.2.0",
                   "BERT's tokenizer.",
                   "",
                   {{.name = "vocab", .type = Type::path, .is_required = true, .doc = "A vocab.txt."},
                    {.name = "lowercase",
                     .type = Type::boolean,
                     .fallback = "true",
                     .doc = "As uncased models want it."},
                    {.name = "never_split", .type = Type::texts, .doc = "Words that stay whole."}}});
}

inline Parameter max_length() {
    return {.name = "max_length",
            .type = Type::integer,
            .fallback = "512",
            .minimum = 1,
            .maximum = 1 << 20,
            .unit = "tokens",
            .doc = "Tokens of the longest row."};
}

inline void add_row_stages(Catalogue& catalogue) {
    catalogue.add({"segment",
                   "single",
                   "1.0.0",
                   "One text, one row.",
                   "",
                   {{.name = "template",
                     .type = Type::text,
                     .fallback = "[CLS] $A [SEP]",
                     .doc = "What a row is made of."},
                    max_length()}});
    catalogue.add({"segment",
                   "pair",
                   "1.0.0",
                   "Two texts, one row.",
                   "",
                   {max_length(),
                    {.name = "truncate",
                     .type = Type::choice,
                     .fallback = "longest_first",
                     .choices = {"longest_first", "only_first", "only_second", "none"},
                     .doc = "Which text is cut."}}});
    catalogue.add({"objective",
                   "mlm",
                   "1.0.0",
                   "Masked tokens.",
                   "",
                   {{.name = "probability",
                     .type = Type::number,
                     .fallback = "0.15",
                     .minimum = 0,
                     .maximum = 1,
                     .doc = "How many."}}});
    catalogue.add({"position",
                   "learned",
                   "1.0.0",
                   "A table of positions.",
                   "",
                   {{.name = "table",
                     .type = Type::stage,
                     .is_required = true,
                     .stage_kind = "table",
                     .doc = "Its rows."}}});
    catalogue.add({"position",
                   "sinusoidal",
                   "1.0.0",
                   "Sines and cosines.",
                   "",
                   {{.name = "base",
                     .type = Type::number,
                     .fallback = "10000",
                     .minimum = 1,
                     .doc = "The slowest wave."}}});
}

inline Catalogue test_catalogue() {
    Catalogue catalogue;
    add_text_stages(catalogue);
    add_row_stages(catalogue);
    catalogue.add(
        {"table",
         "safetensors",
         "1.0.0",
         "A tensor of a file.",
         "",
         {{.name = "file", .type = Type::path, .is_required = true, .doc = "The file."},
          {.name = "tensor", .type = Type::text, .is_required = true, .doc = "The tensor's name."}}});
    catalogue.add(
        {"table",
         "random",
         "1.0.0",
         "Seeded noise.",
         "",
         {{.name = "rows", .type = Type::integer, .is_required = true, .minimum = 1, .maximum = 1 << 24}}});
    catalogue.add({"sink",
                   "safetensors",
                   "1.0.0",
                   "A file a batch.",
                   "",
                   {{.name = "directory", .type = Type::directory, .is_required = true, .doc = "Where."}}});
    catalogue.add({"sink", "discard", "1.0.0", "Nothing is kept.", "", {}});
    catalogue.add_place("build/plugins");
    return catalogue;
}

}  // namespace embedloom::config
