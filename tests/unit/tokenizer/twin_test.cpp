// The fast encoder against the plain twin: random texts over nasty characters, every switch, every way to get
// room.
#include <random>

#include "support/catch.hpp"
#include "tokenizer/common/utf8.h"
#include "wordpiece_fixture.h"

using namespace wordpiece_test;

namespace {

const std::vector<std::string> vocabulary{"a",
                                          "b",
                                          "ab",
                                          "abc",
                                          "##a",
                                          "##b",
                                          "##bc",
                                          "e",
                                          "##e",
                                          "\u00E9",
                                          "!",
                                          ".",
                                          "\u4E00",
                                          "##\u4E00",
                                          "0",
                                          "##0",
                                          "aaaaaaaaaaaaaaa",
                                          "##aaaaaaaa",
                                          "\u03C3",
                                          "##\u03C3",
                                          "\u1112",
                                          "##\u1161",
                                          "##\u11AB",
                                          "##\u302E",
                                          "\u302E",
                                          "[",
                                          "]",
                                          "mask",
                                          "A",
                                          "##B"};

/// Words of these make every corner: blocks' edges, sizes about the key's, marks of several classes, Hangul,
/// ideographs, blanks, controls.
const std::vector<std::string> atoms{"a",
                                     "b",
                                     "c",
                                     "A",
                                     "B",
                                     "ab",
                                     "abc",
                                     "e",
                                     "E",
                                     "\u00E9",
                                     "\u00C9",
                                     "e\u0301",
                                     " ",
                                     "  ",
                                     "\t",
                                     "\n",
                                     "\r\n",
                                     "!",
                                     ".",
                                     "$",
                                     "\u4E00",
                                     "\uF900",
                                     "\u0301",
                                     "\u0323",
                                     "\u302E",
                                     "\u0344",
                                     "\u0F73",
                                     "\u1D165",
                                     "\u1D16D",
                                     "\uD55C",
                                     "\u1112",
                                     "\u1161",
                                     "\u03A3",
                                     "\u0130",
                                     "\u00A0",
                                     "\u3000",
                                     "\u200B",
                                     "\uFFFD",
                                     "\x01",
                                     "\x7F",
                                     "\x0B",
                                     "\u0085",
                                     "\u20AC",
                                     "\u2E42",
                                     "0",
                                     "aaaaaaaaaaaaaaa",
                                     "aaaaaaaaaaaaaaaa",
                                     "aaaaaaaaaaaaaaaaa",
                                     "\U0001F600",
                                     "\u0958",
                                     "\u09CB",
                                     "\u037E",
                                     "\u2126",
                                     "[MASK]",
                                     "[mask]",
                                     "<x>",
                                     "<X>",
                                     " <l> ",
                                     "<s>",
                                     "\u1E9B\u0323",
                                     std::string(61, 'b'),
                                     "[UNK]"};

WordPieceSpec variant(unsigned bits) {
    BertSwitches switches{(bits & 1) == 0, (bits & 2) == 0, {}, (bits & 4) == 0};
    if (bits & 8) switches.strip_accents = (bits & 16) != 0;
    std::vector<std::string> tokens = vocabulary;
    tokens.push_back("[MASK]");
    WordPieceSpec spec = toy(std::move(tokens), switches);
    if (bits & 32) spec.max_chars_per_word = 5;
    auto next = static_cast<std::uint32_t>(spec.tokens.size());
    const auto add = [&](AddedToken token) {
        token.id = next++;
        spec.added.push_back(std::move(token));
    };
    if (bits & 64) add({.content = "<s>", .single_word = true});
    if (bits & 64) add({.content = "<l>", .lstrip = true, .rstrip = true});
    if (bits & 128) add({.content = "<x>", .normalized = true});
    if (bits & 256) spec.special_text = SpecialText::text;
    if (bits & 512)
        spec.normalizer = {NormalizerStep::lowercase, NormalizerStep::decompose,
                           NormalizerStep::drop_combining};
    return spec;
}

std::string random_text(std::mt19937& random, std::size_t most) {
    std::string text;
    for (std::size_t n = random() % most; n > 0; --n) text += atoms[random() % atoms.size()];
    return text;
}

}  // namespace

TEST_CASE("wordpiece: equal to the plain twin on random texts for every switch") {
    std::mt19937 random(20240601);
    for (unsigned bits = 0; bits < 1024; ++bits) {
        const WordPieceSpec spec = variant(bits);
        const WordPieceModel model(spec);
        const auto scratch_memory = std::make_unique<EncodeScratch>();  // the heap: it is aligned to 64 bytes
        EncodeScratch& scratch = *scratch_memory;
        for (int round = 0; round < 3; ++round) {
            const std::string text = random_text(random, 60);
            CAPTURE(bits, text);
            REQUIRE(encode_all(model, scratch, text) == embedloom::reference::wordpiece_twin(spec, text));
        }
    }
}

TEST_CASE("wordpiece: runs and blocks of every size about a scan's end") {
    const WordPieceSpec spec = variant(0);
    const WordPieceModel model(spec);
    const auto scratch_memory = std::make_unique<EncodeScratch>();  // the heap: it is aligned to 64 bytes
    EncodeScratch& scratch = *scratch_memory;
    for (const char* filler : {"ab ", "b", "\u00E9"})
        for (const std::size_t size :
             {0u, 1u, 62u, 63u, 64u, 65u, 127u, 4094u, 4095u, 4096u, 4097u, 8191u, 8193u})
            for (const char* tail : {"", "a", "!", " ", "\u00E9", "aaaaaaaaaaaaaaa b"}) {
                std::string text;
                while (text.size() < size) text += filler;
                text.resize(size);
                while (!text.empty() && (text.back() & 0x80)) text.pop_back();
                text += tail;
                CAPTURE(filler, size, tail);
                REQUIRE(encode_all(model, scratch, text) == embedloom::reference::wordpiece_twin(spec, text));
            }
}

TEST_CASE("wordpiece: with a limit the same tokens, fewer, and an exact `finished`") {
    std::mt19937 random(7);
    for (unsigned bits : {0u, 4u, 64u, 128u, 512u}) {
        const WordPieceSpec spec = variant(bits);
        const WordPieceModel model(spec);
        const auto scratch_memory = std::make_unique<EncodeScratch>();  // the heap: it is aligned to 64 bytes
        EncodeScratch& scratch = *scratch_memory;
        for (int round = 0; round < 25; ++round) {
            const std::string text = random_text(random, 40);
            const auto all = embedloom::reference::wordpiece_twin(spec, text);
            for (std::uint32_t wanted = 0; wanted < all.size() + 2; ++wanted)
                for (const bool detail : {true, false}) {
                    VectorOutput output(detail, random() % 20);
                    const Encoded encoded = Encoder(model, scratch, output).encode(text, wanted);
                    CAPTURE(bits, text, wanted, detail);
                    REQUIRE(encoded.tokens == std::min<std::size_t>(wanted, all.size()));
                    REQUIRE(output.size == encoded.tokens);
                    REQUIRE(encoded.finished == (all.size() <= wanted));
                    const std::vector<TwinToken> first(
                        all.begin(), all.begin() + static_cast<std::ptrdiff_t>(output.size));
                    if (detail) REQUIRE(output.tokens() == first);
                    for (std::size_t i = 0; i < output.size && !detail; ++i)
                        REQUIRE(output.ids[i] == all[i].id);
                    const std::size_t read = encoded.finished ? text.size()
                                             : wanted         ? all[wanted - 1].end
                                                              : 0;
                    REQUIRE(encoded.bytes_read == read);
                }
        }
    }
}

TEST_CASE("wordpiece: a used scratch changes no result") {
    std::mt19937 random(11);
    const WordPieceSpec spec = variant(0);
    const WordPieceModel model(spec);
    const auto used_memory = std::make_unique<EncodeScratch>();  // the heap: it is aligned to 64 bytes
    EncodeScratch& used = *used_memory;
    for (int round = 0; round < 200; ++round) {
        const std::string text = random_text(random, 200);
        const auto fresh_memory = std::make_unique<EncodeScratch>();  // the heap: it is aligned to 64 bytes
        EncodeScratch& fresh = *fresh_memory;
        REQUIRE(encode_all(model, used, text) == encode_all(model, fresh, text));
    }
}

TEST_CASE("wordpiece: bytes that are not UTF-8 fail the text with the place, before any token") {
    const WordPieceModel model(variant(0));
    const auto scratch_memory = std::make_unique<EncodeScratch>();  // the heap: it is aligned to 64 bytes
    EncodeScratch& scratch = *scratch_memory;
    const std::pair<std::string, std::uint64_t> bad[] = {{"ab\x80", 2},        {"\xC0\xAF", 0},
                                                         {"a\xED\xA0\x80", 1}, {"\u00E9\xF5\x80\x80\x80", 2},
                                                         {"abc \xE4\xB8", 4},  {"\xFF\xFE", 0}};
    for (const auto& [text, place] : bad) {
        VectorOutput output;
        const Encoded encoded = Encoder(model, scratch, output).encode(text, WordPieceModel::none);
        CHECK(encoded.problem == Encoded::Problem::not_utf8);
        CHECK(encoded.bad_byte == place);
        CHECK(output.size == 0);
    }
}

TEST_CASE("wordpiece: hostile texts are read in time that grows with their bytes alone") {
    for (const unsigned bits : {0u, 128u}) {
        const WordPieceModel model(variant(bits));
        const auto scratch_memory = std::make_unique<EncodeScratch>();  // the heap: it is aligned to 64 bytes
        EncodeScratch& scratch = *scratch_memory;
        for (const char* unit : {"a", " ", "^", "ab", "\u0301", "\u0323\u0301", "\u200D", "\u4E00",
                                 "\U0001F600", "\u00E9", "[", "<"}) {
            std::string text;
            while (text.size() < 1u << 17) text += unit;
            VectorOutput output(true, 1 << 16);
            const Encoded encoded = Encoder(model, scratch, output).encode(text, WordPieceModel::none);
            CAPTURE(unit, bits);
            CHECK(encoded.finished);
            CHECK(encoded.bytes_read == text.size());
        }
    }
}
