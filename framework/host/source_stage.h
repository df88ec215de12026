// A source, as the run calls it: where records start, and the records. What comes back is checked before anybody uses it.
#pragma once

#include <embedloom/abi/source.h>
#include <embedloom/host/columns.h>
#include <embedloom/host/stage.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace embedloom::host {

struct Field {
    std::string name;
    std::uint32_t type = EL_FIELD_TEXT;
};

struct SourceFile {
    std::string path;
    std::uint64_t begin = 0;  ///< in the source
    std::uint64_t bytes = 0;
    std::string digest;
    bool is_damaged = false;
    bool is_in_memory = false;  ///< no file: records that were lent
};

/// The files laid end to end.
struct Extent {
    std::vector<SourceFile> files;
    std::uint64_t bytes = 0;
    std::vector<base::Error> remarks;  ///< what was told and does not stop the run, as damaged files
};

/// Half-open range of the source's bytes.
struct ByteRange {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};

class SourceStage {
  public:
    /// [main] Throws base::Failure where the instance is of another kind or its facts make no sense.
    explicit SourceStage(std::shared_ptr<Instance> instance);
    SourceStage(const SourceStage&) = delete;
    SourceStage& operator=(const SourceStage&) = delete;

    const Instance& instance() const { return *instance_; }
    const std::vector<Field>& fields() const { return fields_; }
    /// The number of a field by its name.
    std::optional<std::uint32_t> field(std::string_view name) const;

    /// [main] Once, before the calls below. Throws base::Failure.
    const Extent& open();
    /// What open() gave.
    const Extent& extent() const { return extent_; }

    /// [any-thread] Columns EL_SCAN_...: ids of the records that start in the range, ascending; what was passed over.
    Outcome scan(std::uint32_t worker, ByteRange range, Columns& out) const;
    /// [any-thread] Columns EL_READ_...: the records that start in the range, ascending. Texts are valid UTF-8.
    Outcome read(std::uint32_t worker, ByteRange range, Columns& out) const;
    /// [any-thread] The records that start at these bytes, in this order.
    Outcome read(std::uint32_t worker, std::span<const std::uint64_t> ids, Columns& out) const;

    /// The text of a field of record r in the columns of a read. The field is of type EL_FIELD_TEXT.
    static std::string_view text(const Columns& columns, std::uint32_t field, std::uint64_t r) {
        const auto ends = columns.get<std::uint64_t>(EL_READ_ENDS(field));
        const std::uint64_t begin = r ? ends[r - 1] : 0;
        return columns.text(EL_READ_VALUES(field)).substr(begin, ends[r] - begin);
    }

    /// The tokens of a field of record r. The field is of type EL_FIELD_TOKENS.
    static std::span<const std::uint32_t> tokens(const Columns& columns, std::uint32_t field, std::uint64_t r) {
        const auto ends = columns.get<std::uint64_t>(EL_READ_ENDS(field));
        const std::uint64_t begin = r ? ends[r - 1] : 0;
        return columns.get<std::uint32_t>(EL_READ_VALUES(field)).subspan(begin, ends[r] - begin);
    }

  private:
    std::shared_ptr<Instance> instance_;
    const el_source_functions* functions_;
    std::vector<Field> fields_;
    Extent extent_;
};

}  // namespace embedloom::host
