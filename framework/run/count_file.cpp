// The file: a 32-bit number for each window, then the digest of them in hexadecimal.
#include <embedloom/base/atomic_file.h>
#include <embedloom/base/mapped_file.h>
#include <embedloom/base/sha256.h>
#include <embedloom/run/count_file.h>

#include <cstring>
#include <limits>
#include <string_view>

namespace embedloom::run {

namespace {

constexpr std::size_t digest_bytes = 64;

std::string digest_of(std::span<const std::byte> numbers) {
    base::Sha256 digest;
    digest.update("counts 1\n");
    digest.update(numbers);
    return digest.finish_hex();
}

}  // namespace

std::optional<std::vector<std::uint64_t>> read_counts(const std::string& path, std::uint64_t windows) {
    if (!base::identity_of(path)) return std::nullopt;
    const base::MappedFile file(path);
    const std::span<const std::byte> bytes = file.bytes();
    if (bytes.size() < digest_bytes || (bytes.size() - digest_bytes) % 4 != 0 || (bytes.size() - digest_bytes) / 4 != windows)
        return std::nullopt;
    const auto numbers = bytes.first(bytes.size() - digest_bytes);
    const std::string_view digest(reinterpret_cast<const char*>(bytes.data()) + numbers.size(), digest_bytes);
    if (digest != digest_of(numbers)) return std::nullopt;
    std::vector<std::uint64_t> rows(windows);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        std::uint32_t number = 0;
        std::memcpy(&number, numbers.data() + i * sizeof number, sizeof number);
        rows[i] = number;
    }
    return rows;
}

void write_counts(const std::string& path, std::span<const std::uint64_t> rows) {
    std::vector<std::uint32_t> numbers;
    numbers.reserve(rows.size());
    for (const std::uint64_t count : rows) {
        if (count > std::numeric_limits<std::uint32_t>::max()) return;  // no window has so many: the engine counts them in 32 bits
        numbers.push_back(static_cast<std::uint32_t>(count));
    }
    const auto bytes = std::as_bytes(std::span(numbers));
    base::AtomicFile file(path);
    file.write(bytes);
    file.write(digest_of(bytes));
    file.commit();
}

}  // namespace embedloom::run
