// The file: a 32-bit number for each item, then the digest of them in hexadecimal.
#include <embedloom/base/atomic_file.h>
#include <embedloom/base/mapped_file.h>
#include <embedloom/base/sha256.h>
#include <embedloom/run/count_file.h>

#include <cstring>
#include <string_view>

namespace embedloom::run {

namespace {

constexpr std::size_t digest_bytes = 64;

std::string digest_of(std::span<const std::byte> numbers) {
    base::Sha256 digest;
    digest.update("counts 2\n");
    digest.update(numbers);
    return digest.finish_hex();
}

}  // namespace

std::optional<std::vector<std::uint32_t>> read_counts(const std::string& path, std::uint64_t items) {
    if (!base::identity_of(path)) return std::nullopt;
    const base::MappedFile file(path);
    const std::span<const std::byte> bytes = file.bytes();
    if (bytes.size() < digest_bytes || (bytes.size() - digest_bytes) % 4 != 0 || (bytes.size() - digest_bytes) / 4 != items)
        return std::nullopt;
    const auto kept = bytes.first(bytes.size() - digest_bytes);
    const std::string_view digest(reinterpret_cast<const char*>(bytes.data()) + kept.size(), digest_bytes);
    if (digest != digest_of(kept)) return std::nullopt;
    std::vector<std::uint32_t> numbers(items);
    std::memcpy(numbers.data(), kept.data(), kept.size());
    return numbers;
}

void write_counts(const std::string& path, std::span<const std::uint32_t> numbers) {
    const auto bytes = std::as_bytes(numbers);
    base::AtomicFile file(path);
    file.write(bytes);
    file.write(digest_of(bytes));
    file.commit();
}

}  // namespace embedloom::run
