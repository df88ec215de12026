// A tokenizer, as the run calls it: texts to ids, and back. What comes back is checked before anybody uses it.
#pragma once

#include <embedloom/abi/tokenizer.h>
#include <embedloom/host/columns.h>
#include <embedloom/host/stage.h>

#include <span>
#include <string_view>

namespace embedloom::host {

/// One call of encode.
struct EncodeCall {
    std::span<const el_text> texts;   ///< valid UTF-8
    std::uint32_t wanted = EL_NONE;   ///< tokens of a text that are wanted; EL_NONE: all
    std::uint32_t want = 0;           ///< EL_WANT_OFFSETS, EL_WANT_WORDS
};

/// Stays where it is made: vocabulary() is shown to other stages.
class TokenizerStage {
  public:
    /// [main] Throws base::Failure where the instance is of another kind or its facts make no sense.
    explicit TokenizerStage(std::shared_ptr<Instance> instance);
    TokenizerStage(const TokenizerStage&) = delete;
    TokenizerStage& operator=(const TokenizerStage&) = delete;

    const Instance& instance() const { return *instance_; }
    /// Size and special ids, each below vocab_size or EL_NONE.
    const el_vocabulary& vocabulary() const { return vocabulary_; }

    /// [any-thread] Columns EL_ENCODE_...: results (el_encoded a text), ids, offsets and words where wanted.
    Outcome encode(std::uint32_t worker, const EncodeCall& call, Columns& out) const;
    enum class Special { keep, skip };
    /// [any-thread] Column EL_DECODE_BYTES: the text of ids.
    Outcome decode(std::span<const std::uint32_t> ids, Special special, Columns& out) const;
    /// [any-thread] Columns EL_PIECES_ENDS and EL_PIECES_BYTES: the literal text of each id.
    Outcome pieces(std::span<const std::uint32_t> ids, Columns& out) const;
    /// [any-thread] The same as texts, one for each id. Throws base::Failure, usage for an id that is not below vocab_size.
    std::vector<std::string> pieces(std::span<const std::uint32_t> ids) const;
    /// [any-thread] Throws base::Failure (usage) for the first id that is not below vocab_size.
    void require_ids(std::span<const std::uint32_t> ids) const;
    /// [any-thread] The id of a token by its exact text, EL_NONE when there is none.
    std::uint32_t find(std::string_view token) const;

  private:
    std::shared_ptr<Instance> instance_;
    const el_tokenizer_functions* functions_;
    el_vocabulary vocabulary_{};
};

}  // namespace embedloom::host
