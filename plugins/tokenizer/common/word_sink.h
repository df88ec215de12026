// Turns normalized words into tokens in the output: through the cache where it can, and never more than are
// wanted.
#pragma once

#include "token_output.h"
#include "word_cache.h"
#include "wordpiece_model.h"

namespace embedloom::plugins {

/// A word that is not the plain ASCII of the text: its normalized bytes and, where they are wanted, the
/// original bytes that each of them stands for.
struct AlignedWord {
    const char* bytes = nullptr;
    WordKey key{0, 0};  ///< where size is at most WordKey::longest and chars no more than allowed
    std::uint32_t size = 0;
    std::uint32_t chars = 0;
    const std::uint32_t* begins = nullptr;  ///< [size], null when nobody asks
    const std::uint32_t* ends = nullptr;    ///< [size]
    std::uint32_t end = 0;                  ///< original byte after the word
};

/// The tokens of one text on their way out. For one thread.
class WordSink {
  public:
    enum class Detail { ids, spans };  ///< spans: original bytes and words too

    WordSink(const WordPieceModel& model, WordCache& cache, std::vector<std::uint32_t>& pieces,
             TokenOutput& output)
        : model_(model), cache_(cache), pieces_(pieces), output_(output) {}

    /// Starts a text of `bytes` bytes of which at most `wanted` tokens are wanted.
    void begin_text(std::uint64_t bytes, std::uint32_t wanted);
    /// Ends it: what there is goes out, cut to what is wanted. Returns how many tokens.
    std::size_t end_text();

    /// More tokens exist than are wanted: nothing more needs to be read.
    bool full() const { return full_; }
    /// The original byte after the last token that is kept.
    std::uint32_t read_end() const { return read_end_; }

    /// The fast way: a word of at most WordKey::longest ASCII bytes at [begin, begin + size) of the original,
    /// `bytes` readable for 16, its key and its line of the cache known. False once full.
    template <Detail detail>
    bool plain_word(const char* bytes, std::uint32_t size, std::uint32_t begin, const WordKey& key,
                    std::size_t line) {
        const WordCache::Entry* known = cache_.find(key, line);
        if (known == nullptr) [[unlikely]]
            return long_plain_word(bytes, size, begin);
        std::memcpy(ids_, known->ids.data(), sizeof known->ids);
        if constexpr (detail == Detail::spans) {
            if (known->count == 1)
                put_detail({begin, begin + size}), ++word_;
            else
                describe(known->ids.data(), known->count, begin, begin + size);
        }
        ids_ += known->count;
        if (ids_ > limit_) [[unlikely]]
            return beyond_limit(known->ids.data(), known->count, begin, begin + size);
        read_end_ = begin + size;
        return true;
    }
    /// An ASCII word of any size at [begin, begin + size) of the original.
    bool long_plain_word(const char* bytes, std::uint32_t size, std::uint32_t begin);
    const WordCache& cache() const { return cache_; }
    /// Any other word.
    bool aligned_word(const AlignedWord& word);
    /// A word of one character at [begin, end) of the original, its bytes packed (see pack()).
    bool char_word(std::uint32_t bytes, std::uint32_t size, TokenSpan source);
    /// An added token at [begin, end) of the original.
    bool added_token(std::uint32_t id, std::uint32_t begin, std::uint32_t end);

    /// Whether words must come with alignments: offsets are asked for, or a text may be cut inside a word.
    bool needs_alignment() const { return room_.spans != nullptr || wanted_ != WordPieceModel::none; }
    bool wants_detail() const { return room_.spans != nullptr || room_.words != nullptr; }

  private:
    static constexpr std::size_t slack = 8;  // room that a word of the cache may write beyond the limit
    void describe(const std::uint32_t* ids, std::uint32_t count, std::uint32_t begin, std::uint32_t end);
    void describe(const std::uint32_t* ids, std::uint32_t count, const AlignedWord& word);
    void put_detail(TokenSpan span) {
        const std::size_t at = in_room();
        if (room_.spans) room_.spans[at] = span;
        if (room_.words) room_.words[at] = word_;
    }
    bool emit(const std::uint32_t* ids, std::uint32_t count, std::uint32_t begin, std::uint32_t end);
    bool end_word(std::uint32_t end);
    std::uint32_t kept_of(std::uint32_t count) const;
    bool beyond_limit(const std::uint32_t* ids, std::uint32_t count, std::uint32_t begin, std::uint32_t end);
    void take_room(std::size_t wanted);
    /// Room for `count` tokens and what the fast way may write beyond.
    void ensure(std::size_t count) {
        if (room_.size - in_room() < count + slack) take_room(count + slack);
    }
    void remember(const WordKey& key, std::size_t line);
    std::size_t in_room() const { return static_cast<std::size_t>(ids_ - room_.ids); }

    const WordPieceModel& model_;
    WordCache& cache_;
    std::vector<std::uint32_t>& pieces_;  // of the word at hand
    TokenOutput& output_;
    TokenRoom room_;
    std::uint32_t* ids_ = nullptr;    // next free
    std::uint32_t* limit_ = nullptr;  // beyond it there is too little room, or more than is wanted
    std::uint64_t before_room_ = 0;   // tokens of the text that have gone out already
    std::uint32_t wanted_ = 0;
    std::uint32_t word_ = 0;  // number of the next word
    std::uint32_t read_end_ = 0;
    bool full_ = false;
    std::size_t ask_ = 0;  // tokens of room to ask for
};

}  // namespace embedloom::plugins
