// Throws arbitrary bytes at the reader of saved states: it refuses them, or reads what it would write itself.
// link: embedloom_loom
#include <embedloom/base/error.h>
#include <embedloom/loom/checkpoint.h>
#include <embedloom/loom/step.h>

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace embedloom;
    try {
        const auto read = loom::checkpoint_from_json({reinterpret_cast<const char*>(data), size});
        if (loom::checkpoint_from_json(loom::to_json(read)) != read) std::abort();
        const loom::Shape shape{.windows = 1000, .lanes = 4, .batch = 64, .rank = 1, .world = 3};
        loom::check_resume(read, shape, read.fingerprint);
        loom::next_step(shape, read.state, loom::EvenRows(100'000, 100));
    } catch (const base::Failure&) {
    }
    return 0;
}
