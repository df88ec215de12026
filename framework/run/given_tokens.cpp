// Copies ids, and checks them against the vocabulary.
#include <embedloom/abi/tokenizer.h>
#include <embedloom/host/source_stage.h>
#include <embedloom/run/given_tokens.h>

#include <algorithm>
#include <cstring>

namespace embedloom::run {

namespace {

/// False where the machine has no memory left.
template <class T>
bool append(host::Columns& out, std::uint32_t column, std::span<const T> values) {
    const el_writer& writer = *out.writer();
    if (values.empty()) return true;
    void* const memory = writer.reserve(writer.host, column, values.size_bytes());
    if (!memory) return false;
    std::memcpy(memory, values.data(), values.size_bytes());
    return writer.commit(writer.host, column, values.size_bytes()) == EL_OK;
}

base::Error not_in_vocabulary(const GivenTokens& given, std::size_t token, std::uint32_t id) {
    return {.code = base::Code::bad_data, .stage = "source", .found = "token " + std::to_string(token) + " of " + given.name + " is " + std::to_string(id),
            .expected = "an id below " + std::to_string(given.vocab_size) + ", the tokenizer's vocabulary",
            .hint = "the ids were made with another vocabulary than the config's tokenizer has"};
}

}  // namespace

host::Outcome take_tokens(const GivenTokens& given, host::Columns& out) {
    out.begin(2);
    host::Outcome outcome;
    std::uint64_t end = 0;
    for (std::uint32_t i = 0; i < given.places.size(); ++i) {
        const auto ids = host::SourceStage::tokens(given.read, given.field, given.places[i]);
        const auto kept = ids.first(std::min<std::size_t>(ids.size(), given.wanted));
        el_encoded result{.end = end, .bytes_read = 0, .code = EL_OK, .finished = 1};
        const auto strange = std::ranges::find_if(ids, [&](std::uint32_t id) { return id >= given.vocab_size; });
        if (strange != ids.end()) {
            result.code = EL_BAD_DATA;
            outcome.problems.push_back({i, not_in_vocabulary(given, static_cast<std::size_t>(strange - ids.begin()), *strange)});
        } else {
            result.end = end += kept.size();
            result.finished = kept.size() == ids.size();
            if (!append(out, EL_ENCODE_IDS, kept)) return {EL_RESOURCES, {}};
        }
        if (!append(out, EL_ENCODE_RESULTS, std::span<const el_encoded>(&result, 1))) return {EL_RESOURCES, {}};
    }
    return outcome;
}

}  // namespace embedloom::run
