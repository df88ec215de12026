// Throws arbitrary bytes at the reader of .npy headers: it answers with a place inside the file or with an error.
// link: plugin_table_common
#include <cstdint>
#include <cstdlib>

#include <embedloom/sdk/error.h>

#include "table/common/npy_header.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace embedloom;
    const std::span file(reinterpret_cast<const std::byte*>(data), size);
    try {
        const auto place = plugins::npy_array(file, "fuzz.npy");
        if (place.begin > size || place.bytes > size - place.begin) std::abort();
        plugins::matrix_of(place, file, "fuzz.npy");
    } catch (const sdk::Error&) {
    }
    return 0;
}
