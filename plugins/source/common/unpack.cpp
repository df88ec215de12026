// From a packed file to its copy in the cache.
#include "unpack.h"

#include "cache_entry.h"
#include "digest.h"
#include "stream.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace embedloom::source {

namespace {

constexpr std::size_t in_chunk = 256 << 10, out_chunk = 1 << 20;
constexpr std::uint64_t most_ratio = 1000, ratio_counts_from = 64 << 20;

void check_cancelled(const sdk::Host& host) {
    if (host.cancelled()) throw sdk::Error{.code = EL_CANCELLED, .found = "the run is being stopped"};
}

/// All of a file, once, a chunk at a time.
class Input {
  public:
    Input(const InputFile& file, const sdk::Host& host) : file_(file), host_(host), buffer_(in_chunk) {}

    /// What is left of the chunk; at least `least` bytes unless the file ends.
    std::string_view view(std::size_t least = 1) {
        if (end_ - begin_ < least && read_ < file_.bytes()) {
            check_cancelled(host_);
            std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_), buffer_.begin() + static_cast<std::ptrdiff_t>(end_),
                      buffer_.begin());
            end_ -= std::exchange(begin_, 0);
            const auto more = static_cast<std::size_t>(std::min<std::uint64_t>(in_chunk - end_, file_.bytes() - read_));
            file_.read(buffer_.data() + end_, more, read_);
            read_ += more, end_ += more;
        }
        return {buffer_.data() + begin_, end_ - begin_};
    }
    void take(std::size_t bytes) { begin_ += bytes; }
    std::uint64_t at() const { return read_ - (end_ - begin_); }

  private:
    const InputFile& file_;
    const sdk::Host& host_;
    std::vector<char> buffer_;
    std::size_t begin_ = 0, end_ = 0;
    std::uint64_t read_ = 0;
};

class Unpacking {
  public:
    Unpacking(const InputFile& file, Packing packing, const sdk::Host& host, CacheEntry& to)
        : file_(file), packing_(packing), input_(file, host), to_(to), buffer_(std::make_unique_for_overwrite<char[]>(out_chunk)),
          decoder_(packing == Packing::gzip ? make_gzip() : make_zstd()) {}

    /// All members. Gives back what ended it early.
    std::optional<sdk::Error> run() {
        while (next_member())
            for (bool ended = false; !ended;) {
                const std::string_view in = input_.view();
                const Decoder::Step step = decoder_->step(in, buffer_.get(), out_chunk);
                if (!step.refused.empty()) throw refuse(step.refused, "unpack it with the tool that made it");
                input_.take(step.in);
                to_.write({buffer_.get(), step.out});
                written_ += step.out;
                check_ratio();
                ended = step.member_ended;
                if (!step.damage.empty()) return damage(step.damage);
                if (!ended && step.in == 0 && step.out == 0)
                    return damage(input_.view().empty() ? "the file's end" : "data that leads nowhere");
            }
        return damage_;
    }

  private:
    /// Whether one begins here; sets damage_ when something else does. Zeros may fill a file up (tapes, block devices).
    bool next_member() {
        std::string_view in = input_.view(4);
        if (in.empty()) return false;
        if (members_ > 0 && in[0] == '\0') {
            while (!in.empty() && in.find_first_not_of('\0') == std::string_view::npos) input_.take(in.size()), in = input_.view();
            if (in.empty()) return false;
        }
        if (!decoder_->begins(in) || (members_ > 0 && in[0] == '\0')) {
            damage_ = damage("bytes that are no " + std::string(name_of(packing_)) + " data");
            return false;
        }
        decoder_->start();
        ++members_;
        return true;
    }

    sdk::Error damage(const std::string& found) const {
        const std::string member = members_ > 0 ? " in member " + std::to_string(members_) : "";
        return {.code = EL_BAD_DATA, .source = file_.shown(), .byte = input_.at(), .found = found + member,
                .expected = "whole " + std::string(name_of(packing_)) + " data",
                .hint = "the file is damaged; of its text, the whole records of the first " + std::to_string(written_) +
                        " bytes are used"};
    }
    sdk::Error refuse(const std::string& found, const std::string& hint) const {
        return {.code = EL_BAD_DATA, .source = file_.shown(), .byte = input_.at(), .found = found,
                .expected = std::string(name_of(packing_)) + " data", .hint = hint};
    }
    void check_ratio() const {
        if (written_ <= ratio_counts_from || written_ / most_ratio <= input_.at()) return;
        throw refuse(std::to_string(written_) + " bytes out of " + std::to_string(input_.at()) + ", more than " +
                         std::to_string(most_ratio) + " times as many",
                     "if this is meant, unpack it before the run");
    }

    const InputFile& file_;
    Packing packing_;
    Input input_;
    CacheEntry& to_;
    std::unique_ptr<char[]> buffer_;
    std::unique_ptr<Decoder> decoder_;
    std::uint64_t written_ = 0, members_ = 0;
    std::optional<sdk::Error> damage_;
};

std::string digest_of(const InputFile& file, const sdk::Host& host) {
    Digest digest;
    Input input(file, host);
    for (std::string_view bytes; !(bytes = input.view()).empty(); input.take(bytes.size())) digest.add(bytes);
    return digest.hex();
}

constexpr std::string_view gzip_magic = "\x1F\x8B", zstd_magic = "\x28\xB5\x2F\xFD", skippable_tail = "\x2A\x4D\x18";

bool is_start_of(std::string_view head, std::string_view magic) {
    return !head.empty() && head.size() < magic.size() && magic.starts_with(head);
}

}  // namespace

std::string_view name_of(Packing packing) {
    return packing == Packing::gzip ? "gzip" : packing == Packing::zstd ? "Zstandard" : "plain";
}

Packing packing_named(std::string_view path) {
    if (path.ends_with(".gz")) return Packing::gzip;
    if (path.ends_with(".zst") || path.ends_with(".zstd")) return Packing::zstd;
    return Packing::none;
}

Packing packing_of(std::string_view path, std::string_view head) {
    if (head.starts_with(gzip_magic)) return Packing::gzip;
    if (head.starts_with(zstd_magic)) return Packing::zstd;
    if (head.size() >= 4 && (head[0] & 0xF0) == 0x50 && head.substr(1, 3) == skippable_tail) return Packing::zstd;
    const Packing named = packing_named(path);
    if (named == Packing::gzip && is_start_of(head, gzip_magic)) return named;
    if (named == Packing::zstd && is_start_of(head, zstd_magic)) return named;
    return Packing::none;
}

Unpacked unpack(const InputFile& file, Packing packing, const sdk::Host& host) {
    const std::string key = "unpacked-" + std::string(packing == Packing::gzip ? "gz-" : "zst-") + digest_of(file, host);
    if (const auto path = host.cached(key))
        if (auto found = read_cache_entry(*path, file.shown())) return *found;
    host.note("unpacking " + file.shown());
    CacheEntry entry(key, host);
    std::optional<sdk::Error> damage = Unpacking(file, packing, host, entry).run();
    file.require_unchanged(file.identity());
    return entry.keep(damage, file.shown());
}

}  // namespace embedloom::source
