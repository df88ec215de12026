// A tokenizer by itself: texts and pairs of texts to ids, with what stands around them, and back.
#pragma once

#include <embedloom/run/session.h>
#include <embedloom/run/window_rows.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace embedloom::run {

/// Ids of special tokens by role; nothing: there is none.
struct SpecialIds {
    std::optional<std::uint32_t> unk, cls, sep, pad, mask, bos, eos;
};

/// What stands around texts: `$A` and `$B` are the texts, every other word a token, `:N` its segment. Empty: by the
/// vocabulary's roles, as BERT has it ("[CLS] $A [SEP] $B:1 [SEP]:1"), or nothing where it has no such tokens.
struct Templates {
    std::string single, pair;
};

/// How rows are made of texts.
struct EncodeRule {
    bool special_tokens = true;               ///< false: the texts alone
    std::optional<std::uint32_t> max_length;  ///< tokens of a row, the template's included; nothing: no limit is kept
    std::string truncate = "longest_first";   ///< or only_first, only_second; none: a longer row is an error
};

/// Calls may come from any thread; encode works for one at a time.
class Encoder {
  public:
    /// From a config, of which only `plugins` and `tokenizer` are looked at. Throws base::Failure with every mistake.
    static std::unique_ptr<Encoder> open(const std::filesystem::path& config, const Templates& templates, OpenOptions options);
    static std::unique_ptr<Encoder> open(const ConfigText& config, const Templates& templates, OpenOptions options);
    ~Encoder();

    /// One row a text, in order, appended to `rows` with offsets (bytes of the text that a token is from) and words. `pairs` is
    /// empty or as long as `texts`. Throws base::Failure: bad_data for a text that cannot be encoded or cut, config for a rule
    /// that cannot be.
    void encode(std::span<const std::string_view> texts, std::span<const std::string_view> pairs, const EncodeRule& rule,
                WindowRows& rows) const;

    enum class Special { keep, skip };
    /// The text of ids. Throws base::Failure (usage) for an id that the vocabulary does not have.
    std::string decode(std::span<const std::uint32_t> ids, Special special) const;
    /// The literal text of each id; usage as above.
    std::vector<std::string> pieces(std::span<const std::uint32_t> ids) const;
    std::optional<std::uint32_t> find(std::string_view token) const;
    std::uint32_t vocab_size() const;
    const SpecialIds& special_ids() const;

  private:
    struct Parts;
    explicit Encoder(std::unique_ptr<Parts> parts);
    static std::unique_ptr<Encoder> open(const config::Document& document, const Templates& templates, OpenOptions options);
    std::unique_ptr<Parts> parts_;
};

}  // namespace embedloom::run
