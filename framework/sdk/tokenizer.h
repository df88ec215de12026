// What a tokenizer derives from.
#pragma once

#include <embedloom/abi/tokenizer.h>
#include <embedloom/sdk/plugin.h>

#include <optional>

namespace embedloom::sdk {

/// One call of encode: the texts, what is wanted, and where the results go.
/// For each text, in order: its tokens into ids (and offsets, words where wanted), then one finish().
class Encoding {
  public:
    Encoding(const el_encode_call& call, const el_writer* out, Problems& problems)
        : ids(out, EL_ENCODE_IDS), offsets(out, EL_ENCODE_OFFSETS), words(out, EL_ENCODE_WORDS),
          call_(&call), results_(out, EL_ENCODE_RESULTS), problems_(&problems) {}

    struct Offset {
        std::uint32_t begin, end;  ///< half-open bytes of the text
    };

    std::uint64_t text_count() const { return call_->count; }
    std::string_view text(std::uint64_t i) const { return from_abi(call_->texts[i]); }
    bool wants_offsets() const { return call_->want & EL_WANT_OFFSETS; }
    bool wants_words() const { return call_->want & EL_WANT_WORDS; }
    /// Tokens of a text that are wanted; a text may end once it has them. EL_NONE: all.
    std::uint32_t wanted() const { return call_->wanted; }

    Column<std::uint32_t> ids;
    Column<Offset> offsets;
    Column<std::uint32_t> words;

    /// Ends a text: how many of its bytes its tokens cover, and whether all of its tokens are there.
    void finish(std::uint64_t bytes_read, std::uint32_t all_there) {
        results_.push({ids.count(), bytes_read, EL_OK, all_there});
    }
    /// Ends a text that cannot be encoded; it must have pushed no token.
    void fail(const Error& error) {
        problems_->add(error);
        results_.push({ids.count(), 0, error.code, 1});
    }
    void flush() {
        ids.flush();
        offsets.flush();
        words.flush();
        results_.flush();
    }

  private:
    const el_encode_call* call_;
    Column<el_encoded> results_;
    Problems* problems_;
};

/// Derive, declare, implement; see examples/02_write_a_tokenizer. All calls are const: a tokenizer keeps no state.
class Tokenizer : public Stage {
  public:
    using KindBase = Tokenizer;
    static constexpr el_kind kind = EL_KIND_TOKENIZER;

    /// [main] Size and special ids; `size` is filled for you.
    virtual el_vocabulary vocabulary() const = 0;
    /// [any-thread] Tokens of the call's texts.
    virtual void encode(Encoding& call, Scratch* scratch) const = 0;
    /// [any-thread] Text of ids.
    virtual std::string decode(std::span<const std::uint32_t> ids, bool skip_special) const = 0;
    /// [any-thread] The literal text of an id below vocab_size; lives as long as the tokenizer.
    virtual std::string_view piece(std::uint32_t id) const = 0;
    /// [any-thread] The id of a literal text.
    virtual std::optional<std::uint32_t> find(std::string_view piece) const = 0;

    static const el_tokenizer_functions functions;
};

namespace detail {
struct TokenizerCalls {
    static el_status vocabulary(void* instance, el_vocabulary* out) {
        return guarded(nullptr, [&](Problems&) {
            el_vocabulary facts = stage_of<Tokenizer>(instance).vocabulary();
            facts.size = sizeof(el_vocabulary);
            std::memcpy(out, &facts, std::min<std::size_t>(out->size, sizeof facts));
            return EL_OK;
        });
    }
    static el_status encode(void* instance, void* scratch, const el_encode_call* call, const el_writer* out,
                            const el_problems* to) {
        return guarded(to, [&](Problems& problems) {
            Encoding encoding(*call, out, problems);
            stage_of<Tokenizer>(instance).encode(encoding, static_cast<Scratch*>(scratch));
            encoding.flush();
            return EL_OK;
        });
    }
    static el_status decode(void* instance, const std::uint32_t* ids, std::uint64_t count, std::uint32_t skip_special,
                            const el_writer* out) {
        return guarded(nullptr, [&](Problems&) {
            const std::string text = stage_of<Tokenizer>(instance).decode({ids, count}, skip_special != 0);
            Column<char>(out, EL_DECODE_BYTES).append(text);
            return EL_OK;
        });
    }
    static el_status pieces(void* instance, const std::uint32_t* ids, std::uint64_t count, const el_writer* out) {
        return guarded(nullptr, [&](Problems&) {
            const Tokenizer& tokenizer = stage_of<Tokenizer>(instance);
            const std::uint32_t vocab_size = tokenizer.vocabulary().vocab_size;
            Column<std::uint64_t> ends(out, EL_PIECES_ENDS);
            Column<char> bytes(out, EL_PIECES_BYTES);
            for (std::uint64_t i = 0; i < count; ++i) {
                if (ids[i] < vocab_size) bytes.append(tokenizer.piece(ids[i]));
                ends.push(bytes.count());
            }
            ends.flush();
            return EL_OK;
        });
    }
    static std::uint32_t find(void* instance, el_text token) {
        std::uint32_t id = EL_NONE;
        guarded(nullptr, [&](Problems&) {
            id = stage_of<Tokenizer>(instance).find(from_abi(token)).value_or(EL_NONE);
            return EL_OK;
        });
        return id;
    }
};
}  // namespace detail

inline constexpr el_tokenizer_functions Tokenizer::functions{
    sizeof(el_tokenizer_functions), 0, &detail::TokenizerCalls::vocabulary, &detail::TokenizerCalls::encode,
    &detail::TokenizerCalls::decode, &detail::TokenizerCalls::pieces, &detail::TokenizerCalls::find};

}  // namespace embedloom::sdk
