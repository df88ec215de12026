// Throws arbitrary bytes at the reader of saved states: it refuses them, or reads what it would write itself. A text whose
// check alone is wrong gets the right one, so that what is behind the check is reached.
// link: embedloom_loom
#include <embedloom/base/error.h>
#include <embedloom/loom/checkpoint.h>
#include <embedloom/loom/step.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

/// The text with the check that the failure expects instead of the one that is in it; as it is where that is not what failed.
std::string with_right_check(std::string text, const embedloom::base::Failure& failure) {
    const std::string& found = failure.first().found;
    const std::string_view start = "the check ";
    if (!found.starts_with(start)) return text;
    const std::string check = found.substr(start.size(), found.find(':') - start.size());
    const auto at = text.find('"' + check + '"', text.find("\"check\""));
    return at == std::string::npos ? text : text.replace(at + 1, check.size(), failure.first().expected);
}

embedloom::loom::Checkpoint read_checkpoint(const std::string& text) {
    try {
        return embedloom::loom::checkpoint_from_json(text);
    } catch (const embedloom::base::Failure& failure) {
        return embedloom::loom::checkpoint_from_json(with_right_check(text, failure));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace embedloom;
    try {
        const auto read = read_checkpoint({reinterpret_cast<const char*>(data), size});
        if (loom::checkpoint_from_json(loom::to_json(read)) != read) std::abort();
        const loom::Shape shape{.windows = 1000, .lanes = 4, .batch = 64, .rank = 1, .world = 3};
        loom::check_resume(read, shape, read.fingerprint);
        loom::next_step(shape, read.state, loom::EvenRows(100'000, 100));
    } catch (const base::Failure&) {
    }
    return 0;
}
