// Any bytes as a plugin file: its note is read or the file is refused, never more than that.
// link: embedloom_host
#include <embedloom/host/note.h>

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    using embedloom::host::Look;
    const Look look = embedloom::host::look_at(std::as_bytes(std::span(data, size)), "fuzz.so");
    if (look.verdict == Look::Verdict::plugin ? look.note.stages.empty() : look.error.found.empty()) std::abort();
    return 0;
}
