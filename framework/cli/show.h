// A batch as a person would look at it: each token over its id, segment, position, mask, label and vector.
#pragma once

#include <embedloom/run/session.h>

#include <cstdint>
#include <string>

namespace embedloom::cli {

enum class Colour { off, on };

struct ShowOptions {
    std::uint32_t rows = 4;       ///< of the batch, from its first
    std::size_t columns = 100;    ///< of the terminal
    Colour colour = Colour::off;
    std::uint32_t vector = 3;     ///< first numbers of each embedding
};

/// The picture of a batch, ending with a newline. `session` gives the tokens' texts.
std::string show(const run::Batch& batch, const run::Session& session, const ShowOptions& options);

}  // namespace embedloom::cli
