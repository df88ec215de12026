// Where the records of a source start: what exact shuffles and counts need.
#pragma once

#include <embedloom/base/atomic_file.h>
#include <embedloom/base/mapped_file.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace embedloom::run {

/// 64 starts: the first whole, all as distances from it.
struct IndexBlock {
    static constexpr std::uint64_t records = 64;
    std::uint64_t first = 0;
    std::array<std::uint32_t, records> distances{};
};

/// The starts of a block whose distances do not fit 32 bits.
struct WideBlock {
    std::uint64_t block = 0;
    std::array<std::uint64_t, IndexBlock::records> starts{};
};

/// Starts of all records in order, in a little over 4 bytes each: in memory, or in a mapped file. Const calls [any-thread].
class RecordIndex {
  public:
    RecordIndex() = default;

    /// The index that an IndexWriter left at this path; nothing where there is none, or one that is cut, of another version or of
    /// another number of source bytes.
    static std::optional<RecordIndex> open(const std::string& path, std::uint64_t source_bytes);

    std::uint64_t size() const { return size_; }
    std::uint64_t start(std::uint64_t record) const;
    /// Blank lines and the like that the scan passed over.
    std::uint64_t passed_over() const { return passed_over_; }

  private:
    friend class IndexWriter;
    struct Memory {
        std::vector<IndexBlock> blocks;
        std::vector<WideBlock> wide;
    };
    std::uint64_t size_ = 0;
    std::uint64_t passed_over_ = 0;
    std::span<const IndexBlock> blocks_;
    std::span<const WideBlock> wide_;  // ascending
    std::shared_ptr<const Memory> memory_;            // what the spans are of,
    std::shared_ptr<const base::MappedFile> mapped_;  // one or the other
};

/// Takes starts in order and makes an index of them. [main]
class IndexWriter {
  public:
    /// Into memory.
    IndexWriter() = default;
    /// Into a file, in constant memory; throws base::Failure where it cannot be made. Without finish() nothing is left of it.
    explicit IndexWriter(const std::string& path);

    /// Starts must ascend from call to call. Throws base::Failure where the file cannot be written.
    void append(std::span<const std::uint64_t> starts);
    void pass_over(std::uint64_t count) { passed_over_ += count; }
    RecordIndex finish(std::uint64_t source_bytes);

  private:
    void end_block();
    RecordIndex finish_file(std::uint64_t source_bytes);

    std::string path_;
    std::unique_ptr<base::AtomicFile> file_;
    RecordIndex::Memory memory_;  // into a file: the blocks not yet written
    std::vector<std::uint64_t> starts_;  // of the block that is being filled
    std::uint64_t size_ = 0, passed_over_ = 0, block_ = 0;
};

}  // namespace embedloom::run
