// Which records a window has, and in which order: the files' order, an exact shuffle, or blocks.
#pragma once

#include <embedloom/host/source_stage.h>
#include <embedloom/loom/order.h>
#include <embedloom/loom/score.h>
#include <embedloom/run/record_index.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

namespace embedloom::run {

enum class Shuffle { none, exact, blocks };

/// Where a record is.
struct RecordPlace {
    std::string_view file;
    std::uint64_t byte = 0;
};

struct WindowNumber {
    std::uint64_t epoch = 0;
    std::uint64_t window = 0;
};

class RecordOrder {
  public:
    struct Settings {
        Shuffle shuffle = Shuffle::none;
        std::uint64_t seed = 0;
        std::uint64_t window_bytes = 65536;
        std::uint32_t threads = 1;
    };
    /// How an exact shuffle learns where records start.
    struct Scan {
        std::string settings;                     ///< all that the config says of the source but its files, as text
        std::filesystem::path cache;              ///< the folder that keeps the index of large data for the next run
        std::function<bool()> is_cancelled;       ///< asked now and then
        std::function<void(const std::string&)> log;
    };
    /// The source is open. Throws base::Failure; so does a source without a byte or a record.
    RecordOrder(const host::SourceStage& source, Settings settings, const Scan& scan);

    /// Windows of an epoch, 1 or more.
    std::uint64_t windows() const;
    /// Records of an epoch, where there is an index.
    std::optional<std::uint64_t> records() const;
    /// Records of every window but the last, where there is an index.
    std::uint64_t window_records() const { return windows_.size; }
    /// Blank lines and the like that the scan passed over; without a scan 0.
    std::uint64_t passed_over() const { return index_.passed_over(); }

    /// How well `shuffle: blocks` mixes with so many lanes and rows a batch, beside a true shuffle of all records; nothing for the
    /// other orders and for data too small to say.
    std::optional<loom::OrderScore> score(std::uint32_t lanes, std::uint32_t batch) const;

    /// What a read works with: the worker's own.
    struct Reading {
        const host::SourceStage& source;
        std::uint32_t worker;
        std::vector<std::uint64_t>& ids;  ///< working memory
        host::Columns& out;
    };
    /// Reads a window's records in its order. [any-thread]
    host::Outcome read(WindowNumber number, const Reading& reading) const;

    /// What windows are put together of, the same in every epoch: where there is an index `part_records` records beside each other, the
    /// last part the rest; else ranges of bytes, which are windows in the files' order and blocks otherwise.
    static constexpr std::uint32_t part_records = 32;
    std::uint64_t parts() const;
    /// Reads a part's records in the files' order. [any-thread]
    host::Outcome read_part(std::uint64_t part, const Reading& reading) const;
    /// How many records a range of bytes has, without reading them. [any-thread] Throws base::Failure.
    std::uint64_t count_part(std::uint64_t part, const Reading& reading) const;
    /// The parts of a window; where there is an index those of its records, with their places in the parts. [any-thread]
    struct PartPlace {
        std::uint64_t part = 0;
        std::uint32_t place = 0;
    };
    void parts_of(WindowNumber number, std::vector<PartPlace>& out) const;

    RecordPlace place_of(std::uint64_t id) const;

  private:
    void scan(const host::SourceStage& source, const Scan& scan, IndexWriter& index) const;
    RecordIndex index_of(const host::SourceStage& source, const Scan& scan) const;
    std::shared_ptr<const loom::Permutation> permutation_of(std::uint64_t epoch) const;
    loom::Range bytes_of(std::uint64_t part) const { return blocks_ ? blocks_->range(part) : windows_.range(part); }
    void shuffled_ids(WindowNumber number, std::vector<std::uint64_t>& ids) const;
    host::Outcome block_ids(WindowNumber number, const Reading& reading) const;

    Settings settings_;
    std::vector<host::SourceFile> files_;
    std::uint64_t bytes_ = 0;
    loom::Windows windows_;                    // of records, or of bytes
    std::optional<loom::BlockOrder> blocks_;
    RecordIndex index_;
    mutable std::mutex mutex_;  // guards permutations_
    mutable std::vector<std::pair<std::uint64_t, std::shared_ptr<const loom::Permutation>>> permutations_;
};

}  // namespace embedloom::run
