// What a tokenizer must keep: results that depend on the text alone, prefixes, whole vocabularies.
#include <embedloom/base/utf8.h>
#include <embedloom/testkit/checks.h>

#include <numeric>

namespace embedloom::testkit {

namespace {

using host::Columns;
using host::EncodeCall;
using host::StageName;
using host::TokenizerStage;

/// Texts that tokenizers stumble over: nothing, blanks, NUL, marks without a base, long words, all planes.
std::vector<std::string> odd_texts() {
    std::vector<std::string> texts{
        "", " ", "\n", "\t \r\n ", "a", "Hello, world! It's 3.14 o'clock.", std::string("nul\0nul", 7), std::string(3, '\0'),
        "na\xC3\xAFve cafe\xCC\x81 \xCC\x81\xCC\x81", "\xE4\xB8\xAD\xE6\x96\x87\xE5\xAD\x97", "\xD0\x9F\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82",
        "\xE0\xA4\xA8\xE0\xA4\xAE\xE0\xA4\xB8\xE0\xA5\x8D\xE0\xA4\xA4\xE0\xA5\x87", "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB\xF0\x9F\x8F\xBD",
        "\xEF\xBF\xBD\xEF\xBB\xBF\xE2\x80\x8B\xC2\xA0\xE3\x80\x80", "\xF4\x8F\xBF\xBF\xED\x9F\xBF\xEE\x80\x80", "[CLS] [SEP] [MASK] <s></s>",
        "\xC4\xB0\xC3\x9F\xEF\xAC\x81\xE1\xBA\x9E", "a\xCC\x81\xCC\xA3 \xE1\xBA\xA5\xCC\xA3"};
    texts.push_back(std::string(30000, 'x'));
    texts.push_back(std::string(10000, '^'));
    std::string marks = "e";
    for (int i = 0; i < 2000; ++i) marks += "\xCC\x81";
    texts.push_back(marks);
    std::string words;
    for (int i = 0; i < 4000; ++i) words += "word" + std::to_string(i % 977) + (i % 10 ? " " : ". ");
    texts.push_back(words);
    return texts;
}

std::vector<el_text> views_of(const std::vector<std::string>& texts) {
    std::vector<el_text> views;
    for (const std::string& text : texts) views.push_back({text.data(), text.size()});
    return views;
}

constexpr std::uint32_t everything = EL_WANT_OFFSETS | EL_WANT_WORDS;

/// Tokens, offsets and words of one text of a call.
struct Tokens {
    std::vector<std::uint32_t> ids, offsets, words;
    bool operator==(const Tokens&) const = default;
};

Tokens tokens_of(const Columns& columns, std::uint64_t text) {
    const auto results = columns.get<el_encoded>(EL_ENCODE_RESULTS);
    const std::uint64_t begin = text ? results[text - 1].end : 0, count = results[text].end - begin;
    const auto part = [&](std::uint32_t column, std::uint64_t each) {
        const auto values = columns.get<std::uint32_t>(column).subspan(begin * each, count * each);
        return std::vector(values.begin(), values.end());
    };
    return {part(EL_ENCODE_IDS, 1), part(EL_ENCODE_OFFSETS, 2), part(EL_ENCODE_WORDS, 1)};
}

void check_odd_texts(const TokenizerStage& tokenizer) {
    const auto texts = odd_texts();
    const auto views = views_of(texts);
    Columns all, one;
    expect(tokenizer.encode(0, {{}, EL_NONE, everything}, all), "no text");
    expect(tokenizer.encode(0, {views, EL_NONE, everything}, all), "all texts");
    for (std::size_t i = 0; i < views.size(); ++i) {
        expect(tokenizer.encode(0, {std::span(views).subspan(i, 1), EL_NONE, everything}, one), "text " + std::to_string(i));
        expect(tokens_of(all, i) == tokens_of(one, 0), "text " + std::to_string(i) + " differs");
    }
    Columns bare;
    expect(tokenizer.encode(0, {views, EL_NONE, 0}, bare), "ids alone");
    expect(bare.text(EL_ENCODE_IDS) == all.text(EL_ENCODE_IDS), "other ids when offsets and words are not wanted");
}

void check_wanted(const TokenizerStage& tokenizer) {
    const auto texts = odd_texts();
    const auto views = views_of(texts);
    Columns all, some;
    expect(tokenizer.encode(0, {views, EL_NONE, everything}, all), "all tokens");
    for (const std::uint32_t wanted : {0u, 1u, 2u, 7u, 510u}) {
        expect(tokenizer.encode(0, {views, wanted, everything}, some), std::to_string(wanted) + " tokens");
        const auto results = some.get<el_encoded>(EL_ENCODE_RESULTS);
        for (std::size_t i = 0; i < views.size(); ++i) {
            const Tokens whole = tokens_of(all, i), part = tokens_of(some, i);
            const std::string what = "text " + std::to_string(i) + " with " + std::to_string(wanted) + " wanted";
            expect(part.ids.size() <= whole.ids.size() && std::equal(part.ids.begin(), part.ids.end(), whole.ids.begin()) &&
                       std::equal(part.offsets.begin(), part.offsets.end(), whole.offsets.begin()) &&
                       std::equal(part.words.begin(), part.words.end(), whole.words.begin()),
                   what + " is no prefix of all tokens");
            expect((results[i].finished == 1) == (part.ids.size() == whole.ids.size()) || part.ids.size() >= wanted,
                   what + " says wrongly whether it is finished");
            expect(!results[i].finished || part.ids.size() == whole.ids.size(), what + " says finished before the end");
        }
    }
}

void check_vocabulary(const TokenizerStage& tokenizer) {
    const el_vocabulary& facts = tokenizer.vocabulary();
    std::vector<std::uint32_t> ids(std::min<std::uint32_t>(facts.vocab_size, 2000));
    std::iota(ids.begin(), ids.end(), 0u);
    for (const std::uint32_t id : {facts.vocab_size - 1, facts.unk, facts.cls, facts.sep, facts.pad, facts.mask, facts.bos, facts.eos})
        if (id != EL_NONE) ids.push_back(id);
    Columns columns;
    expect(tokenizer.pieces(ids, columns), "pieces");
    const auto ends = columns.get<std::uint64_t>(EL_PIECES_ENDS);
    const std::string bytes(columns.text(EL_PIECES_BYTES));
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const std::string piece = bytes.substr(i ? ends[i - 1] : 0, ends[i] - (i ? ends[i - 1] : 0));
        const std::uint32_t found = tokenizer.find(piece);
        Columns again;
        expect(found != EL_NONE, "the text '" + piece + "' of id " + std::to_string(ids[i]) + " is not found");
        expect(tokenizer.pieces({&found, 1}, again) && again.text(EL_PIECES_BYTES) == piece,
               "'" + piece + "' is found as id " + std::to_string(found) + " of another text");
    }
    expect(tokenizer.find("no such token, surely \xF0\x9F\xAB\xA0") == EL_NONE, "a text that is no token is found");
}

void check_decode(const TokenizerStage& tokenizer) {
    const auto texts = odd_texts();
    const auto views = views_of(texts);
    Columns columns, decoded;
    expect(tokenizer.encode(0, {views, 1000, 0}, columns), "encode");
    const auto ids = columns.get<std::uint32_t>(EL_ENCODE_IDS);
    for (const auto special : {TokenizerStage::Special::keep, TokenizerStage::Special::skip}) {
        expect(tokenizer.decode(ids, special, decoded), "decode");
        expect(tokenizer.decode({}, special, decoded) && decoded.bytes(EL_DECODE_BYTES) == 0, "no ids give a text");
    }
}

void check_memory_limit(const TokenizerStage& tokenizer) {
    const auto texts = odd_texts();
    const auto views = views_of(texts);
    for (const std::uint64_t limit : {0u, 4096u, 65536u}) {
        Columns columns(limit);
        const host::Outcome outcome = tokenizer.encode(0, {views, EL_NONE, everything}, columns);
        expect(outcome.status == EL_RESOURCES, "status " + std::to_string(outcome.status) + " under " + std::to_string(limit) + " bytes");
    }
    Columns columns;
    expect(tokenizer.encode(0, {views, EL_NONE, everything}, columns), "the call after it");
}

}  // namespace

Checks tokenizer_checks(const StageName& name) {
    const auto with = [name](void (*check)(const TokenizerStage&)) {
        return [name, check](Workshop& workshop) { check(TokenizerStage(workshop.make(name))); };
    };
    const auto in_threads = [name](Workshop& workshop) {
        const TokenizerStage tokenizer(workshop.make(name));
        const auto texts = odd_texts();
        const auto views = views_of(texts);
        expect_same_in_threads(workshop, [&](std::uint32_t worker) {
            Columns columns;
            expect(tokenizer.encode(worker, {views, EL_NONE, everything}, columns), "encode");
            return contents_of(columns);
        });
    };
    return {{"odd texts give the same tokens alone, together, and with or without offsets", with(check_odd_texts)},
            {"a text that ends early is a prefix and says so", with(check_wanted)},
            {"every piece of the vocabulary is found again by its text", with(check_vocabulary)},
            {"any ids can be decoded", with(check_decode)},
            {"gives up when the host has no more memory, and goes on afterwards", with(check_memory_limit)},
            {"gives the same in all threads at once", in_threads}};
}

}  // namespace embedloom::testkit
