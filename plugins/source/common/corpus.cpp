// Opening the files of a source.
#include "corpus.h"

#include "digest.h"
#include "sniff.h"
#include "unpack.h"

#include <sys/resource.h>

#include <algorithm>
#include <unordered_map>

namespace embedloom::source {

namespace {

/// How many files stay open: 256, and no more than a quarter of what the process may have.
std::size_t most_held() {
    struct rlimit limit {};
    const bool known = ::getrlimit(RLIMIT_NOFILE, &limit) == 0;
    return std::min<std::size_t>(256, known ? limit.rlim_cur / 4 : 16);
}

constexpr std::uint64_t sample_bytes = 64 << 10;

/// Of the size and of the first and last 64 KiB and 16 places of 4 KiB between; of all of it when it is small.
std::string sampled_digest(const InputFile& file, std::uint64_t bytes) {
    constexpr std::uint64_t places = 16, place_bytes = 4 << 10;
    Digest digest;
    std::vector<char> buffer(sample_bytes);
    const auto add = [&](std::uint64_t at, std::uint64_t count) {
        file.read(buffer.data(), count, at);
        digest.add({buffer.data(), count});
    };
    if (bytes <= 4 * sample_bytes) {
        for (std::uint64_t at = 0; at < bytes; at += sample_bytes) add(at, std::min(sample_bytes, bytes - at));
        return digest.hex();
    }
    add(0, sample_bytes);
    const std::uint64_t between = bytes - 2 * sample_bytes;
    for (std::uint64_t i = 0; i < places; ++i)
        add(sample_bytes + between / places * i + (between / places - place_bytes) / 2, place_bytes);
    add(bytes - sample_bytes, sample_bytes);
    digest.add(std::to_string(bytes));
    return digest.hex();
}

/// Where the last record ends that is sure to be whole, though the content goes on a little: all that was cut is left out.
std::uint64_t last_whole_end(const InputFile& input, const DataFile& file, Unit unit) {
    std::vector<char> buffer(sample_bytes + look_back);
    for (std::uint64_t end = file.bytes; unit != Unit::files && end > file.first;) {
        const std::uint64_t begin = end - std::min<std::uint64_t>(end - file.first, sample_bytes + look_back);
        input.read(buffer.data(), end - begin, begin);
        const Window window{{buffer.data(), end - begin}, begin == file.first, false};
        for (std::size_t at = window.bytes.size(); at > (window.at_start ? 0 : look_back); --at)
            if (is_between(window, at, unit)) return begin + at;
        end = window.at_start ? file.first : begin + look_back;
    }
    return file.first;
}

}  // namespace

std::unique_ptr<InputFile> Corpus::open_content(DataFile& file, sdk::Problems& problems) {
    auto input = std::make_unique<InputFile>(file.path, file.path);
    file.stored = file.path;
    file.bytes = input->bytes();
    std::string head(std::min<std::uint64_t>(file.bytes, 4), '\0');
    input->read(head.data(), head.size(), 0);
    const Packing packing = packing_of(file.path, head), named = packing_named(file.path);
    if (named != Packing::none && head.empty())
        throw sdk::Error{.code = EL_BAD_DATA, .source = file.path, .found = "an empty file",
                         .expected = std::string(name_of(named)) + " data", .hint = "packed, even nothing takes some bytes"};
    if (named != packing)
        host_.warn(file.path + ": by its content " + std::string(name_of(packing)) + " data, whatever its name says");
    if (packing == Packing::none) return input;
    const Unpacked copy = unpack(*input, packing, host_);
    file.stored = copy.path;
    file.bytes = copy.bytes;
    if (copy.damage) {
        problems.add(*copy.damage);
        file.flags |= EL_FILE_DAMAGED;
    }
    return std::make_unique<InputFile>(file.stored, file.path);
}

void Corpus::look_at(DataFile& file, const OpenRules& rules, sdk::Problems& problems) {
    auto input = open_content(file, problems);
    file.identity = input->identity();
    std::string head(std::min<std::uint64_t>(file.bytes, 4096), '\0');
    input->read(head.data(), head.size(), 0);
    require_text(file.path, head);
    file.first = head.starts_with("\xEF\xBB\xBF") ? 3 : 0;
    if (file.flags & EL_FILE_DAMAGED) file.bytes = last_whole_end(*input, file, rules.unit);
    if (file.bytes == file.first) host_.note(file.path + ": no text");
    rules.sniff(file, std::string_view(head).substr(file.first));
    file.digest = sampled_digest(*input, file.bytes);
    input->require_unchanged(file.identity);
    if (held_.size() < most_held()) held_.push_back(std::move(input));
}

el_extent Corpus::open(const OpenRules& rules, sdk::Problems& problems) {
    std::unordered_map<std::string_view, std::uint32_t> known;
    for (const std::string& path : paths_) {
        check_cancelled();
        const auto [entry, fresh] = known.try_emplace(path, static_cast<std::uint32_t>(files_.size()));
        if (fresh) {
            files_.push_back({.path = path, .stored = {}, .identity = {}, .digest = {}});
            look_at(files_.back(), rules, problems);
        }
        const DataFile& file = files_[entry->second];
        places_.push_back({entry->second, bytes_});
        extents_.push_back({sizeof(el_source_file), file.flags, sdk::to_abi(file.path), bytes_, file.bytes,
                            sdk::to_abi(file.digest)});
        if (__builtin_add_overflow(bytes_, file.bytes, &bytes_))
            throw sdk::Error{.code = EL_BAD_DATA, .source = path, .found = "files of 2^64 bytes together"};
    }
    return {sizeof(el_extent), static_cast<std::uint32_t>(extents_.size()), extents_.data(), bytes_};
}

std::size_t Corpus::place_of(std::uint64_t at) const {
    const auto after = std::upper_bound(places_.begin(), places_.end(), at,
                                        [](std::uint64_t byte, const Place& place) { return byte < place.begin; });
    return static_cast<std::size_t>(after - places_.begin()) - 1;
}

std::unique_ptr<InputFile> Corpus::reopen(std::uint32_t index) const {
    auto input = std::make_unique<InputFile>(files_[index].stored, files_[index].path);
    input->require_unchanged(files_[index].identity);
    return input;
}

void Corpus::check_cancelled() const {
    if (host_.cancelled()) throw sdk::Error{.code = EL_CANCELLED, .found = "the run is being stopped"};
}

}  // namespace embedloom::source
