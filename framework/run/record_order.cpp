// Windows as byte ranges, or as parts of a permutation of all records.
#include <embedloom/run/cache_file.h>
#include <embedloom/run/record_order.h>

#include <algorithm>
#include <filesystem>
#include <future>

namespace embedloom::run {

namespace {

constexpr std::uint64_t scan_bytes = 16 << 20;
constexpr std::uint64_t cached_from_bytes = 64 << 20;  // less is scanned faster than a file is written and synced

/// What the scan of one range found.
struct Scanned {
    std::vector<std::uint64_t> starts;
    std::uint64_t passed_over = 0;
};

Scanned scan_range(const host::SourceStage& source, std::uint32_t worker, host::ByteRange range) {
    host::Columns columns;
    source.scan(worker, range, columns).or_throw();
    const auto starts = columns.get<std::uint64_t>(EL_SCAN_STARTS);
    const auto passed = columns.get<std::uint64_t>(EL_SCAN_PASSED);
    return {{starts.begin(), starts.end()}, passed.empty() ? 0 : passed.front()};
}

base::Failure no_records(const host::SourceStage& source) {
    return base::Failure({.code = base::Code::bad_data, .stage = "source", .plugin = source.instance().plugin(),
                          .found = "no record in " + std::to_string(source.extent().files.size()) + " files",
                          .expected = "at least one"});
}

}  // namespace

RecordOrder::RecordOrder(const host::SourceStage& source, Settings settings, const Scan& scan)
    : settings_(settings), files_(source.extent().files), bytes_(source.extent().bytes) {
    for (host::SourceFile& file : files_) file.path = std::filesystem::path(file.path).lexically_normal();
    if (bytes_ == 0) throw no_records(source);
    windows_ = loom::cut_bytes(bytes_, settings_.window_bytes);
    if (settings_.shuffle == Shuffle::blocks)
        blocks_.emplace(settings_.seed, loom::BlockOrder::Sizes{.bytes = bytes_, .window_bytes = settings_.window_bytes});
    if (settings_.shuffle != Shuffle::exact) return;
    index_ = index_of(source, scan);
    if (index_.size() == 0) throw no_records(source);
    windows_ = loom::cut_records({.records = index_.size(), .bytes = bytes_, .window_bytes = settings_.window_bytes});
}

std::uint64_t RecordOrder::windows() const { return blocks_ ? blocks_->windows() : windows_.count(); }

std::optional<std::uint64_t> RecordOrder::records() const {
    return settings_.shuffle == Shuffle::exact ? std::optional(index_.size()) : std::nullopt;
}

std::optional<loom::OrderScore> RecordOrder::score(std::uint32_t lanes, std::uint32_t batch) const {
    constexpr std::uint64_t guessed_record_bytes = 256, batches = 200;
    const std::uint64_t records = bytes_ / guessed_record_bytes;
    if (!blocks_ || records / 4 < batch) return std::nullopt;
    return loom::score_blocks(*blocks_, {.records = records, .lanes = lanes, .batch = batch, .batches = batches});
}

void RecordOrder::scan(const host::SourceStage& source, const Scan& scan, IndexWriter& index) const {
    for (std::uint64_t begin = 0; begin < bytes_;) {
        if (scan.is_cancelled())
            throw base::Failure({.code = base::Code::interrupted, .stage = "source", .found = "a scan that was stopped"});
        std::vector<std::future<Scanned>> parts;
        for (std::uint32_t worker = 0; worker < settings_.threads && begin < bytes_; ++worker) {
            const host::ByteRange range{begin, std::min(bytes_, begin + scan_bytes)};
            parts.push_back(std::async(std::launch::async, scan_range, std::cref(source), worker, range));
            begin = range.end;
        }
        for (auto& part : parts) {
            const Scanned found = part.get();
            index.append(found.starts);
            index.pass_over(found.passed_over);
        }
    }
}

RecordIndex RecordOrder::index_of(const host::SourceStage& source, const Scan& scan) const {
    IndexWriter in_memory;
    // A table in memory is scanned faster than a file is read, and has no times that would tell it from one that was changed.
    if (bytes_ < cached_from_bytes || std::ranges::any_of(files_, &host::SourceFile::is_in_memory)) {
        this->scan(source, scan, in_memory);
        return in_memory.finish(bytes_);
    }
    try {
        const std::string path = cached_path({.folder = scan.cache, .kind = "index", .about = scan.settings}, source);
        if (auto known = RecordIndex::open(path, bytes_)) return std::move(*known);
        const CacheTurn turn(path, scan.is_cancelled);
        if (auto made = RecordIndex::open(path, bytes_)) return std::move(*made);
        IndexWriter in_file(path);
        this->scan(source, scan, in_file);
        return in_file.finish(bytes_);
    } catch (const base::Failure& failure) {
        if (!is_of_cache(failure)) throw;
        scan.log("the index of records is kept in memory, as it cannot be cached: " + base::one_line(failure.errors().front()));
    }
    this->scan(source, scan, in_memory);
    return in_memory.finish(bytes_);
}

std::shared_ptr<const loom::Permutation> RecordOrder::permutation_of(std::uint64_t epoch) const {
    const std::lock_guard lock(mutex_);
    for (const auto& [known, permutation] : permutations_)
        if (known == epoch) return permutation;
    constexpr std::size_t kept = 4;  // windows of two epochs can be in the making at once
    if (permutations_.size() == kept) permutations_.erase(permutations_.begin());
    permutations_.emplace_back(
        epoch, std::make_shared<const loom::Permutation>(loom::record_order(settings_.seed, epoch, index_.size())));
    return permutations_.back().second;
}

void RecordOrder::shuffled_ids(WindowNumber number, std::vector<std::uint64_t>& ids) const {
    const auto permutation = permutation_of(number.epoch);
    const loom::Range range = windows_.range(number.window);
    ids.clear();
    for (std::uint64_t place = range.begin; place < range.end; ++place) ids.push_back(index_.start(permutation->at(place)));
}

host::Outcome RecordOrder::block_ids(WindowNumber number, const Reading& reading) const {
    std::vector<std::uint64_t> starts;
    for (const loom::Range& range : blocks_->ranges(number.epoch, number.window)) {
        host::Outcome outcome = reading.source.scan(reading.worker, {range.begin, range.end}, reading.out);
        if (!outcome) return outcome;
        const auto found = reading.out.get<std::uint64_t>(EL_SCAN_STARTS);
        starts.insert(starts.end(), found.begin(), found.end());
    }
    const loom::Permutation order = blocks_->within(number.epoch, number.window, starts.size());
    reading.ids.clear();
    for (std::uint64_t place = 0; place < starts.size(); ++place) reading.ids.push_back(starts[order.at(place)]);
    return {};
}

host::Outcome RecordOrder::read(WindowNumber number, const Reading& reading) const {
    if (settings_.shuffle == Shuffle::none) {
        const loom::Range range = windows_.range(number.window);
        return reading.source.read(reading.worker, host::ByteRange{range.begin, range.end}, reading.out);
    }
    if (settings_.shuffle == Shuffle::exact) {
        shuffled_ids(number, reading.ids);
    } else if (host::Outcome outcome = block_ids(number, reading); !outcome) {
        return outcome;
    }
    return reading.source.read(reading.worker, reading.ids, reading.out);
}

std::uint64_t RecordOrder::parts() const {
    if (settings_.shuffle == Shuffle::exact) return loom::Windows{.items = index_.size(), .size = part_records}.count();
    return blocks_ ? blocks_->blocks() : windows_.count();
}

host::Outcome RecordOrder::read_part(std::uint64_t part, const Reading& reading) const {
    if (settings_.shuffle != Shuffle::exact) {
        const loom::Range range = bytes_of(part);
        return reading.source.read(reading.worker, host::ByteRange{range.begin, range.end}, reading.out);
    }
    reading.ids.clear();
    const loom::Range records = loom::Windows{.items = index_.size(), .size = part_records}.range(part);
    for (std::uint64_t record = records.begin; record < records.end; ++record) reading.ids.push_back(index_.start(record));
    return reading.source.read(reading.worker, reading.ids, reading.out);
}

std::uint64_t RecordOrder::count_part(std::uint64_t part, const Reading& reading) const {
    const loom::Range range = bytes_of(part);
    reading.source.scan(reading.worker, {range.begin, range.end}, reading.out).or_throw();
    return reading.out.get<std::uint64_t>(EL_SCAN_STARTS).size();
}

void RecordOrder::parts_of(WindowNumber number, std::vector<PartPlace>& out) const {
    out.clear();
    if (blocks_) {
        for (const std::uint64_t block : blocks_->block_numbers(number.epoch, number.window)) out.push_back({block, 0});
    } else if (settings_.shuffle == Shuffle::none) {
        out.push_back({number.window, 0});
    } else {
        const auto permutation = permutation_of(number.epoch);
        const loom::Range range = windows_.range(number.window);
        for (std::uint64_t place = range.begin; place < range.end; ++place) {
            const std::uint64_t record = permutation->at(place);
            out.push_back({record / part_records, static_cast<std::uint32_t>(record % part_records)});
        }
    }
}

RecordPlace RecordOrder::place_of(std::uint64_t id) const {
    const auto after = std::upper_bound(files_.begin(), files_.end(), id,
                                        [](std::uint64_t byte, const host::SourceFile& file) { return byte < file.begin; });
    const host::SourceFile& file = *std::prev(after);
    return {file.path, id - file.begin};
}

}  // namespace embedloom::run
