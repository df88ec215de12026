// The classes Encoder and Encoding of the module: texts to ids for who has them in Python.
#include <embedloom/python/bindings.h>
#include <embedloom/python/no_gil.h>
#include <embedloom/run/encoder.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

namespace embedloom::python {

namespace nb = nanobind;

namespace {

using Texts = std::vector<std::string_view>;  // the bytes are Python's, which keeps the list

/// For each byte of a text, and its end, the number of characters before it.
std::vector<std::uint32_t> characters_before(std::string_view text) {
    std::vector<std::uint32_t> out(text.size() + 1);
    std::uint32_t count = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        out[i] = count;
        if (i + 1 == text.size() || (static_cast<unsigned char>(text[i + 1]) & 0xC0) != 0x80) ++count;
    }
    out.back() = count;
    return out;
}

/// The rows of one call.
struct Encoded {
    run::WindowRows rows;

    /// Offsets in characters, as Python counts.
    void count_characters(const Texts& texts, const Texts& pairs) {
        for (std::uint32_t row = 0; row < rows.row_count(); ++row) {
            const std::vector<std::uint32_t> first = characters_before(texts[row]);
            const std::vector<std::uint32_t> second = pairs.empty() ? std::vector<std::uint32_t>{} : characters_before(pairs[row]);
            for (std::uint64_t token = rows.row_begin(row); token < rows.row_ends[row]; ++token) {
                if (rows.texts[token] < 0) continue;
                const auto& before = rows.texts[token] ? second : first;
                for (const std::uint64_t end : {token * 2, token * 2 + 1}) rows.offsets[end] = before[rows.offsets[end]];
            }
        }
    }
};

/// One row. Its lists are made when they are asked for.
struct Encoding {
    std::shared_ptr<const Encoded> encoded;
    std::uint32_t row;

    template <class Value>
    nb::list each(Value value) const {
        nb::list out;
        const run::WindowRows& rows = encoded->rows;
        for (std::uint64_t token = rows.row_begin(row); token < rows.row_ends[row]; ++token) out.append(value(rows, token));
        return out;
    }
};

nb::object word_of(const run::WindowRows& rows, std::uint64_t token) {
    const std::uint32_t word = rows.words[token];
    if (rows.texts[token] < 0 || word == EL_NONE) return nb::none();
    return nb::int_(word & ((1u << 28) - 1));  // rows number the words of a second text apart
}

nb::object text_of(const run::WindowRows& rows, std::uint64_t token) {
    return rows.texts[token] < 0 ? nb::none() : nb::object(nb::int_(rows.texts[token]));
}

std::vector<Encoding> encode(const run::Encoder& self, const Texts& texts, const Texts& pairs, const run::EncodeRule& rule) {
    const auto encoded = std::make_shared<Encoded>();
    {
        const NoGil no_gil;
        self.encode(texts, pairs, rule, encoded->rows);
        encoded->count_characters(texts, pairs);
    }
    std::vector<Encoding> out;
    for (std::uint32_t row = 0; row < encoded->rows.row_count(); ++row) out.push_back({encoded, row});
    return out;
}

nb::object text_object(const std::string& text) {
    return nb::steal(PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace"));
}

nb::list pieces(const run::Encoder& self, const std::vector<std::uint32_t>& ids) {
    nb::list out;
    for (const std::string& piece : self.pieces(ids)) out.append(text_object(piece));
    return out;
}

nb::dict special_ids(const run::Encoder& self) {
    const run::SpecialIds& ids = self.special_ids();
    nb::dict out;
    const auto add = [&](const char* name, std::optional<std::uint32_t> id) { out[name] = id ? nb::object(nb::int_(*id)) : nb::none(); };
    add("unk", ids.unk);
    add("cls", ids.cls);
    add("sep", ids.sep);
    add("pad", ids.pad);
    add("mask", ids.mask);
    add("bos", ids.bos);
    add("eos", ids.eos);
    return out;
}

std::shared_ptr<run::Encoder> open(const Opening& opening, const std::string& single, const std::string& pair) {
    const NoGil no_gil;
    run::OpenOptions options{.sets = opening.sets, .plugin_folders = opening.plugin_folders, .home = opening.home};
    const run::Templates templates{single, pair};
    return std::shared_ptr<run::Encoder>(opening.guard([&] {
        return opening.text ? run::Encoder::open(run::ConfigText{*opening.text, opening.config, opening.folder}, templates, std::move(options))
                            : run::Encoder::open(std::filesystem::path(opening.config), templates, std::move(options));
    }));
}

void bind_encoding(nb::module_& module) {
    using Rows = run::WindowRows;
    nb::class_<Encoding>(module, "Encoding", "One row of tokens.")
        .def("__len__", [](const Encoding& self) { return self.encoded->rows.row_length(self.row); })
        .def_prop_ro("ids", [](const Encoding& self) { return self.each([](const Rows& rows, std::uint64_t t) { return rows.ids[t]; }); },
                     nb::sig("def ids(self) -> list[int]"))
        .def_prop_ro("type_ids", [](const Encoding& self) { return self.each([](const Rows& rows, std::uint64_t t) { return rows.segments[t]; }); },
                     nb::sig("def type_ids(self) -> list[int]"))
        .def_prop_ro("special_tokens_mask",
                     [](const Encoding& self) { return self.each([](const Rows& rows, std::uint64_t t) { return rows.texts[t] < 0 ? 1 : 0; }); },
                     nb::sig("def special_tokens_mask(self) -> list[int]"), "1: a token that stands around the texts.")
        .def_prop_ro("sequence_ids", [](const Encoding& self) { return self.each(text_of); }, nb::sig("def sequence_ids(self) -> list[int | None]"))
        .def_prop_ro("word_ids", [](const Encoding& self) { return self.each(word_of); }, nb::sig("def word_ids(self) -> list[int | None]"))
        .def_prop_ro("offsets",
                     [](const Encoding& self) {
                         return self.each([](const Rows& rows, std::uint64_t t) { return nb::make_tuple(rows.offsets[2 * t], rows.offsets[2 * t + 1]); });
                     },
                     nb::sig("def offsets(self) -> list[tuple[int, int]]"), "Characters of its text that each token is from.");
}

}  // namespace

void bind_encoders(nb::module_& module) {
    bind_encoding(module);
    nb::class_<run::EncodeRule>(module, "EncodeRule", "How rows are made of texts.")
        .def(nb::init<>())
        .def_rw("special_tokens", &run::EncodeRule::special_tokens)
        .def_rw("max_length", &run::EncodeRule::max_length)
        .def_rw("truncate", &run::EncodeRule::truncate);
    nb::class_<run::Encoder>(module, "Encoder", "A tokenizer by itself.")
        .def("encode", &encode)
        .def("decode",
             [](const run::Encoder& self, const std::vector<std::uint32_t>& ids, bool skip_special) {
                 return text_object(self.decode(ids, skip_special ? run::Encoder::Special::skip : run::Encoder::Special::keep));
             },
             nb::sig("def decode(self, ids: collections.abc.Sequence[int], skip_special: bool) -> str"))
        .def("pieces", &pieces, nb::sig("def pieces(self, ids: collections.abc.Sequence[int]) -> list[str]"))
        .def("find", &run::Encoder::find)
        .def("special_ids", &special_ids, nb::sig("def special_ids(self) -> dict[str, int | None]"))
        .def_prop_ro("vocab_size", &run::Encoder::vocab_size);
    module.def("open_encoder", &open);
}

}  // namespace embedloom::python
