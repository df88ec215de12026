// Packing of record starts, and the file of them: blocks, wide blocks, then a footer that says how many.
#include <embedloom/base/error.h>
#include <embedloom/run/record_index.h>

#include <algorithm>
#include <cstring>
#include <limits>

namespace embedloom::run {

namespace {

constexpr std::size_t blocks_at_once = 4096;  // a megabyte is written at a time

/// At the end of an index file.
struct Footer {
    std::uint64_t records = 0, passed_over = 0, wide = 0, source_bytes = 0;
    std::array<char, 8> magic{'e', 'l', 'i', 'n', 'd', 'e', 'x', '1'};
};

template <class T>
std::span<const std::byte> bytes_of(const std::vector<T>& values) {
    return std::as_bytes(std::span(values));
}

std::optional<Footer> footer_of(std::span<const std::byte> bytes, std::uint64_t source_bytes) {
    Footer footer;
    if (bytes.size() < sizeof footer) return std::nullopt;
    std::memcpy(&footer, bytes.data() + bytes.size() - sizeof footer, sizeof footer);
    const std::uint64_t blocks = footer.records / IndexBlock::records + (footer.records % IndexBlock::records != 0);
    // The counts are bounded by the file's size before they are multiplied.
    if (footer.magic != Footer{}.magic || footer.source_bytes != source_bytes || blocks > bytes.size() || footer.wide > bytes.size() ||
        blocks * sizeof(IndexBlock) + footer.wide * sizeof(WideBlock) + sizeof footer != bytes.size())
        return std::nullopt;
    return footer;
}

}  // namespace

std::optional<RecordIndex> RecordIndex::open(const std::string& path, std::uint64_t source_bytes) {
    if (!base::identity_of(path)) return std::nullopt;
    RecordIndex index;
    index.mapped_ = std::make_shared<const base::MappedFile>(path);
    const auto bytes = index.mapped_->bytes();
    const std::optional<Footer> footer = footer_of(bytes, source_bytes);
    if (!footer) return std::nullopt;
    index.size_ = footer->records;
    index.passed_over_ = footer->passed_over;
    const std::size_t blocks = (bytes.size() - sizeof *footer - footer->wide * sizeof(WideBlock)) / sizeof(IndexBlock);
    index.blocks_ = {reinterpret_cast<const IndexBlock*>(bytes.data()), blocks};
    index.wide_ = {reinterpret_cast<const WideBlock*>(bytes.data() + blocks * sizeof(IndexBlock)), footer->wide};
    return index;
}

std::uint64_t RecordIndex::start(std::uint64_t record) const {
    const std::uint64_t block = record / IndexBlock::records, place = record % IndexBlock::records;
    if (!wide_.empty()) {
        const auto wide = std::ranges::lower_bound(wide_, block, {}, &WideBlock::block);
        if (wide != wide_.end() && wide->block == block) return wide->starts[place];
    }
    return blocks_[block].first + blocks_[block].distances[place];
}

IndexWriter::IndexWriter(const std::string& path) : path_(path), file_(std::make_unique<base::AtomicFile>(path)) {}

void IndexWriter::append(std::span<const std::uint64_t> starts) {
    for (const std::uint64_t start : starts) {
        starts_.push_back(start);
        if (starts_.size() == IndexBlock::records) end_block();
    }
}

void IndexWriter::end_block() {
    IndexBlock block{.first = starts_.front()};
    for (std::size_t i = 0; i < starts_.size(); ++i) block.distances[i] = static_cast<std::uint32_t>(starts_[i] - block.first);
    if (starts_.back() - block.first > std::numeric_limits<std::uint32_t>::max()) {
        WideBlock wide{.block = block_};
        std::ranges::copy(starts_, wide.starts.begin());
        memory_.wide.push_back(wide);
    }
    memory_.blocks.push_back(block);
    size_ += starts_.size();
    ++block_;
    starts_.clear();
    if (!file_ || memory_.blocks.size() < blocks_at_once) return;
    file_->write(bytes_of(memory_.blocks));
    memory_.blocks.clear();
}

RecordIndex IndexWriter::finish(std::uint64_t source_bytes) {
    if (!starts_.empty()) end_block();
    if (file_) return finish_file(source_bytes);
    RecordIndex index;
    index.size_ = size_;
    index.passed_over_ = passed_over_;
    index.memory_ = std::make_shared<const RecordIndex::Memory>(std::move(memory_));
    index.blocks_ = index.memory_->blocks;
    index.wide_ = index.memory_->wide;
    return index;
}

RecordIndex IndexWriter::finish_file(std::uint64_t source_bytes) {
    const Footer footer{.records = size_, .passed_over = passed_over_, .wide = memory_.wide.size(), .source_bytes = source_bytes};
    file_->write(bytes_of(memory_.blocks));
    file_->write(bytes_of(memory_.wide));
    file_->write(std::as_bytes(std::span(&footer, 1)));
    file_->commit();
    if (auto index = RecordIndex::open(path_, source_bytes)) return std::move(*index);
    throw base::Failure({.code = base::Code::io, .source = path_, .found = "an index that cannot be read back"});
}

}  // namespace embedloom::run
