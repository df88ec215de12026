// Throws arbitrary bytes at the reader of safetensors headers: it answers with a place inside the file or with an error.
// link: plugin_table_common
#include <cstdint>
#include <cstdlib>

#include <embedloom/sdk/error.h>

#include "table/common/safetensors_header.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace embedloom;
    const std::span file(reinterpret_cast<const std::byte*>(data), size);
    try {
        const auto place = plugins::find_tensor(file, "a", "fuzz.safetensors");
        if (place.begin > size || place.bytes > size - place.begin) std::abort();
        plugins::matrix_of(place, file, "fuzz.safetensors");
    } catch (const sdk::Error&) {
    }
    return 0;
}
