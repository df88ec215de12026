// Where an encoder writes its tokens: straight into memory that somebody else owns.
#pragma once

#include <cstddef>
#include <cstdint>

namespace embedloom::plugins {

/// Half-open bytes of a text as it was passed.
struct TokenSpan {
    std::uint32_t begin, end;
};

/// Room for tokens, side by side: ids, and where they are wanted the bytes and the word of each.
struct TokenRoom {
    std::uint32_t* ids = nullptr;
    TokenSpan* spans = nullptr;      ///< null: not wanted
    std::uint32_t* words = nullptr;  ///< null: not wanted
    std::size_t size = 0;            ///< tokens that fit
};

/// Gives room. Implemented by whoever owns the memory; for one thread.
class TokenOutput {
  public:
    virtual ~TokenOutput() = default;
    /// The first `used` tokens of the room given last are results; gives room for at least `wanted` more (0:
    /// none, the text has ended). What was beyond `used` is forgotten.
    virtual TokenRoom next(std::size_t used, std::size_t wanted) = 0;
};

}  // namespace embedloom::plugins
