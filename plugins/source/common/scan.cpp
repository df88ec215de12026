// The scan for record starts.
#include "scan.h"

#include <algorithm>
#include <cstring>

namespace embedloom::source {

namespace {

/// What one stretch of a file adds: the places from `from` to `to` in the window, which holds look_ahead bytes more.
struct Stretch {
    Window window;
    std::size_t from, to;
    std::uint64_t id_of_first_byte;
};

template <Unit unit>
void look_at(const Stretch& part, std::size_t at, sdk::Column<std::uint64_t>& starts, std::uint64_t& blank) {
    const std::string_view bytes = part.window.bytes;
    if (unit == Unit::paragraphs && !is_between(part.window, at, unit)) return;
    const bool is_blank = bytes[at] == '\n' || (bytes[at] == '\r' && at + 1 < bytes.size() && bytes[at + 1] == '\n');
    if (!is_blank)
        starts.push(part.id_of_first_byte + at);
    else if (unit == Unit::lines)
        ++blank;
}

template <Unit unit>
std::uint64_t scan_stretch(const Stretch& part, sdk::Column<std::uint64_t>& starts) {
    std::uint64_t blank = 0;
    if (is_between(part.window, part.from, Unit::lines)) look_at<unit>(part, part.from, starts, blank);
    const char* const begin = part.window.bytes.data();
    const char* const end = begin + part.to;
    for (const char* at = begin + part.from; at + 1 < end;) {
        const void* newline = std::memchr(at, '\n', static_cast<std::size_t>(end - 1 - at));
        if (!newline) break;
        at = static_cast<const char*>(newline) + 1;
        look_at<unit>(part, static_cast<std::size_t>(at - begin), starts, blank);
    }
    return blank;
}

}  // namespace

std::uint64_t scan_starts(const Corpus& corpus, Pages& pages, Unit unit, sdk::ByteRange range,
                          sdk::Column<std::uint64_t>& starts) {
    std::uint64_t blank = 0;
    range.end = std::min(range.end, corpus.bytes());
    while (range.begin < range.end) {
        const std::size_t place = corpus.place_of(range.begin);
        const std::uint64_t begin = corpus.places()[place].begin;
        const std::uint32_t index = corpus.places()[place].file;
        const DataFile& file = corpus.file(index);
        const std::uint64_t limit = std::min(range.end - begin, file.bytes);
        std::uint64_t at = std::max(range.begin - begin, file.first);
        if (unit == Unit::files && at == file.first && at < limit) starts.push(begin + at);
        while (unit != Unit::files && at < limit) {
            const std::uint64_t base = at - std::min<std::uint64_t>(look_back, at - file.first);
            const auto want = std::min<std::uint64_t>(limit - base + look_ahead, Pages::chunk);
            const std::string_view bytes = pages.bytes(index, base, static_cast<std::size_t>(want));
            const bool at_end = base + bytes.size() == file.bytes;
            const std::uint64_t to = std::min(limit, base + bytes.size() - (at_end ? 0 : look_ahead));
            const Stretch part{{bytes, base == file.first, at_end}, static_cast<std::size_t>(at - base),
                               static_cast<std::size_t>(to - base), begin + base};
            blank += unit == Unit::lines ? scan_stretch<Unit::lines>(part, starts)
                                         : scan_stretch<Unit::paragraphs>(part, starts);
            at = to;
        }
        range.begin = corpus.end_of(place);
    }
    pages.finish();
    return blank;
}

}  // namespace embedloom::source
