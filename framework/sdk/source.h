// What a source derives from.
#pragma once

#include <embedloom/abi/source.h>
#include <embedloom/sdk/plugin.h>

namespace embedloom::sdk {

/// One call of read: for each record its field values in the order of the facts, then record().
class Reading {
  public:
    Reading(const el_writer* out, std::span<const el_field> fields, Problems& problems)
        : fields_(fields), records_(out, EL_READ_RECORDS), problems_(&problems) {
        for (std::uint32_t f = 0; f < fields.size(); ++f) columns_.push_back(std::make_unique<FieldColumns>(out, f));
    }

    /// TEXT: valid UTF-8. More calls for one record lay their texts end to end.
    void text(std::size_t field, std::string_view value) { columns_[field]->bytes.write(value); }
    /// TEXT whose bytes are written by the caller: room for `most`, then committed(field, used).
    char* room(std::size_t field, std::size_t most) { return columns_[field]->bytes.reserve(most); }
    void committed(std::size_t field, std::size_t used) { columns_[field]->bytes.commit(used); }
    void integer(std::size_t field, std::int64_t value) { columns_[field]->integers.push(value); }
    void number(std::size_t field, double value) { columns_[field]->numbers.push(value); }
    /// TOKENS that are written by the caller: room for `count`, then tokens_committed(field, count).
    std::uint32_t* token_room(std::size_t field, std::size_t count) { return columns_[field]->tokens.reserve(count); }
    void tokens_committed(std::size_t field, std::size_t count) { columns_[field]->tokens.commit(count); }

    /// Ends a good record.
    void record(std::uint64_t id, std::uint64_t bytes) { end(id, bytes, EL_OK); }
    /// Ends a bad record: no value of it may have been given.
    void bad_record(std::uint64_t id, std::uint64_t bytes, Error error) {
        error.record = static_cast<std::uint32_t>(records_.count());
        problems_->add(error);
        for (std::size_t f = 0; f < fields_.size(); ++f) {
            if (fields_[f].type == EL_FIELD_INTEGER) integer(f, 0);
            if (fields_[f].type == EL_FIELD_NUMBER) number(f, 0);
        }
        end(id, bytes, error.code);
    }
    void flush() {
        records_.flush();
        for (auto& columns : columns_) {
            columns->ends.flush();
            columns->bytes.flush();
            columns->integers.flush();
            columns->numbers.flush();
            columns->tokens.flush();
        }
    }

  private:
    struct FieldColumns {
        FieldColumns(const el_writer* out, std::uint32_t f)
            : ends(out, EL_READ_ENDS(f)), bytes(out, EL_READ_VALUES(f)), integers(out, EL_READ_VALUES(f)),
              numbers(out, EL_READ_VALUES(f)), tokens(out, EL_READ_VALUES(f)) {}
        Column<std::uint64_t> ends;
        Column<char> bytes;
        Column<std::int64_t> integers;
        Column<double> numbers;
        Column<std::uint32_t> tokens;
    };
    void end(std::uint64_t id, std::uint64_t bytes, el_status code) {
        for (std::size_t f = 0; f < fields_.size(); ++f) {
            if (fields_[f].type == EL_FIELD_TEXT) columns_[f]->ends.push(columns_[f]->bytes.count());
            if (fields_[f].type == EL_FIELD_TOKENS) columns_[f]->ends.push(columns_[f]->tokens.count());
        }
        records_.push({id, bytes, code, 0});
    }

    std::span<const el_field> fields_;
    Column<el_record> records_;
    std::vector<std::unique_ptr<FieldColumns>> columns_;
    Problems* problems_;
};

/// Half-open range of the source's bytes.
struct ByteRange {
    std::uint64_t begin, end;
};

class Source : public Stage {
  public:
    using KindBase = Source;
    static constexpr el_kind kind = EL_KIND_SOURCE;

    /// [main] The fields of its records; lives as long as the source.
    virtual std::span<const el_field> fields() const = 0;
    /// [main] Once before the calls below: opens and unpacks. The answer lives as long as the source. `problems` takes what
    /// is told but does not stop the run (a damaged file's good prefix).
    virtual el_extent open(Problems& problems) = 0;
    /// [any-thread] Where records start in the range; how much was passed over that is no record.
    virtual std::uint64_t scan(ByteRange range, Column<std::uint64_t>& starts, Scratch* scratch) const = 0;
    /// [any-thread] The records that start in the range.
    virtual void read(ByteRange range, Reading& out, Scratch* scratch) const = 0;
    /// [any-thread] The records that start at these bytes, in the order given.
    virtual void read(std::span<const std::uint64_t> ids, Reading& out, Scratch* scratch) const = 0;

    static const el_source_functions functions;
};

namespace detail {
struct SourceCalls {
    static el_status facts(void* instance, el_source_facts* out) {
        return guarded(nullptr, [&](Problems&) {
            const auto fields = stage_of<Source>(instance).fields();
            const el_source_facts facts{sizeof(el_source_facts), static_cast<std::uint32_t>(fields.size()), fields.data()};
            std::memcpy(out, &facts, std::min<std::size_t>(out->size, sizeof facts));
            return EL_OK;
        });
    }
    static el_status extent(void* instance, el_extent* out, const el_problems* to) {
        return guarded(to, [&](Problems& problems) {
            el_extent extent = stage_of<Source>(instance).open(problems);
            extent.size = sizeof(el_extent);
            std::memcpy(out, &extent, std::min<std::size_t>(out->size, sizeof extent));
            return EL_OK;
        });
    }
    static el_status scan(void* instance, void* scratch, const std::uint64_t range[2], const el_writer* out,
                          const el_problems* to) {
        return guarded(to, [&](Problems&) {
            Column<std::uint64_t> starts(out, EL_SCAN_STARTS), passed(out, EL_SCAN_PASSED);
            passed.push(stage_of<Source>(instance).scan({range[0], range[1]}, starts, static_cast<Scratch*>(scratch)));
            starts.flush();
            passed.flush();
            return EL_OK;
        });
    }
    template <class Which>
    static el_status read(void* instance, Which which, void* scratch, const el_writer* out, const el_problems* to) {
        return guarded(to, [&](Problems& problems) {
            const Source& source = stage_of<Source>(instance);
            Reading reading(out, source.fields(), problems);
            source.read(which, reading, static_cast<Scratch*>(scratch));
            reading.flush();
            return EL_OK;
        });
    }
    static el_status read_range(void* instance, void* scratch, const std::uint64_t range[2], const el_writer* out,
                                const el_problems* to) {
        return read(instance, ByteRange{range[0], range[1]}, scratch, out, to);
    }
    static el_status read_ids(void* instance, void* scratch, const std::uint64_t* ids, std::uint64_t count,
                              const el_writer* out, const el_problems* to) {
        return read(instance, std::span<const std::uint64_t>(ids, count), scratch, out, to);
    }
};
}  // namespace detail

inline constexpr el_source_functions Source::functions{sizeof(el_source_functions), 0, &detail::SourceCalls::facts,
                                                       &detail::SourceCalls::extent, &detail::SourceCalls::scan,
                                                       &detail::SourceCalls::read_range, &detail::SourceCalls::read_ids};

}  // namespace embedloom::sdk
