// Writing and reading entries of unpacked files.
#include "cache_entry.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <system_error>
#include <utility>

namespace embedloom::source {

namespace {

/// The last bytes of an entry. A whole one is content_bytes + note_bytes + sizeof(Footer) long.
struct Footer {
    std::uint64_t content_bytes;
    std::uint64_t note_bytes;
    char magic[16];
};
constexpr char magic[16] = {'e', 'm', 'b', 'e', 'd', 'l', 'o', 'o', 'm', ' ', 'u', 'n', 'p', 'a', 'c', 'k'};
constexpr std::uint64_t most_note_bytes = 4096;

/// "byte\nfound\nexpected\nhint"
std::string note_of(const sdk::Error& damage) {
    return std::to_string(damage.byte) + "\n" + damage.found + "\n" + damage.expected + "\n" + damage.hint;
}

sdk::Error damage_of(std::string_view note, const std::string& shown) {
    const auto line = [&] {
        const std::size_t end = std::min(note.find('\n'), note.size());
        const std::string text(note.substr(0, end));
        note.remove_prefix(std::min(end + 1, note.size()));
        return text;
    };
    sdk::Error damage{.code = EL_BAD_DATA, .source = shown};
    const std::string byte = line();
    std::from_chars(byte.data(), byte.data() + byte.size(), damage.byte);
    damage.found = line();
    damage.expected = line();
    damage.hint = line();
    return damage;
}

sdk::Error cannot_write(const std::string& path, int error) {
    const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
    return {.code = EL_IO, .source = path, .found = std::generic_category().message(error),
            .hint = full ? "unpacked data goes to run.cache: give it another place, or unpack beforehand" : "see run.cache"};
}

}  // namespace

CacheEntry::CacheEntry(std::string key, const sdk::Host& host) : key_(std::move(key)), host_(host), path_(host.cache_begin(key_)) {
    descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor_ >= 0) return;
    sdk::Error error = cannot_write(path_, errno);
    error.code = EL_CANNOT_CREATE;
    throw error;
}

CacheEntry::~CacheEntry() {
    if (descriptor_ < 0) return;
    ::close(descriptor_);
    try {
        host_.cache_end(key_, sdk::Host::Entry::remove);
    } catch (const sdk::Error&) {
        // It is a temporary file of the cache: what cannot be removed now is left to the next cleaning.
    }
}

void CacheEntry::write(std::string_view bytes) {
    bytes_ += bytes.size();
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) throw cannot_write(path_, errno);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

Unpacked CacheEntry::keep(const std::optional<sdk::Error>& damage, const std::string& shown) {
    const std::string note = damage ? note_of(*damage) : "";
    Footer footer{bytes_, note.size(), {}};
    std::memcpy(footer.magic, magic, sizeof magic);
    write(note);
    write({reinterpret_cast<const char*>(&footer), sizeof footer});
    ::close(std::exchange(descriptor_, -1));
    host_.cache_end(key_, sdk::Host::Entry::keep);
    const auto path = host_.cached(key_);
    std::optional<Unpacked> entry = path ? read_cache_entry(*path, shown) : std::nullopt;
    if (!entry)
        throw sdk::Error{.code = EL_IO, .source = shown, .found = "no copy in the cache after unpacking", .hint = "see run.cache"};
    return *entry;
}

std::optional<Unpacked> read_cache_entry(const std::string& path, const std::string& shown) {
    const InputFile file(path, shown);
    Footer footer{};
    if (file.bytes() < sizeof footer) return std::nullopt;
    file.read(reinterpret_cast<char*>(&footer), sizeof footer, file.bytes() - sizeof footer);
    const std::uint64_t before_footer = file.bytes() - sizeof footer;
    if (std::memcmp(footer.magic, magic, sizeof magic) != 0 || footer.note_bytes > std::min(most_note_bytes, before_footer) ||
        footer.content_bytes != before_footer - footer.note_bytes)
        return std::nullopt;
    Unpacked entry{path, footer.content_bytes, std::nullopt};
    std::string note(footer.note_bytes, '\0');
    file.read(note.data(), note.size(), footer.content_bytes);
    if (!note.empty()) entry.damage = damage_of(note, shown);
    return entry;
}

}  // namespace embedloom::source
