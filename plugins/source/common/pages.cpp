// Filling the read buffer.
#include "pages.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace embedloom::source {

const InputFile& Pages::input(std::uint32_t file) {
    if (touched_.empty() || touched_.back() != file) touched_.push_back(file);
    if (const InputFile* held = corpus_->held(file)) return *held;
    if (reopened_file_ != file) {
        if (reopened_) reopened_->require_unchanged(corpus_->file(reopened_file_).identity);
        reopened_.reset();
        reopened_ = corpus_->reopen(file);
        reopened_file_ = file;
    }
    return *reopened_;
}

void Pages::make_room(std::size_t bytes) {
    if (capacity_ >= bytes + padding && buffer_) return;
    auto larger = std::make_unique_for_overwrite<char[]>(bytes + padding);
    if (size_) std::memcpy(larger.get(), buffer_.get(), std::min(size_, bytes));
    buffer_ = std::move(larger);
    capacity_ = bytes + padding;
}

std::string_view Pages::bytes(std::uint32_t file, std::uint64_t at, std::size_t want) {
    const std::uint64_t left = corpus_->file(file).bytes - at;
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(want, left));
    std::size_t kept = 0;
    if (file == file_ && at >= begin_ && at < begin_ + size_) {
        kept = static_cast<std::size_t>(begin_ + size_ - at);
        std::memmove(buffer_.get(), buffer_.get() + (at - begin_), kept);
    }
    file_ = file, begin_ = at, size_ = kept;
    if (kept < count || !buffer_) {
        corpus_->check_cancelled();
        make_room(std::max(count, chunk));
        input(file).read(buffer_.get() + kept, count - kept, at + kept);
        size_ = count;
    }
    return {buffer_.get(), size_};
}

void Pages::finish() {
    std::sort(touched_.begin(), touched_.end());
    touched_.erase(std::unique(touched_.begin(), touched_.end()), touched_.end());
    for (const std::uint32_t file : std::exchange(touched_, {})) {
        const InputFile* held = corpus_->held(file);
        const InputFile* open = held ? held : reopened_file_ == file ? reopened_.get() : nullptr;
        if (open) open->require_unchanged(corpus_->file(file).identity);
    }
    if (capacity_ > 4 * chunk) {
        buffer_.reset();
        capacity_ = size_ = 0;
    }
}

}  // namespace embedloom::source
