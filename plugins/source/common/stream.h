// One packed stream as it is being unpacked: what gzip and Zstandard have in common.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace embedloom::source {

/// Members (gzip) or frames (Zstandard) follow each other in a file; each is unpacked on its own.
class Decoder {
  public:
    struct Step {
        std::size_t in = 0, out = 0;  ///< bytes taken and made
        bool member_ended = false;
        std::string damage = {};      ///< not empty: what is wrong; `out` bytes before it are right
        std::string refused = {};     ///< not empty: sound, but no data that we unpack
    };
    virtual ~Decoder() = default;
    /// Takes from `in` and fills up to `room` bytes of `out`.
    virtual Step step(std::string_view in, char* out, std::size_t room) = 0;
    /// Before each member.
    virtual void start() = 0;
    /// Whether a member may begin with these bytes; fewer than four only at the file's end.
    virtual bool begins(std::string_view in) const = 0;
};

std::unique_ptr<Decoder> make_gzip();
std::unique_ptr<Decoder> make_zstd();

}  // namespace embedloom::source
