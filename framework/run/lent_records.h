// Records that the caller of a session has in memory, held for as long as a session reads them.
#pragma once

#include <embedloom/abi/host.h>
#include <embedloom/config/config.h>

#include <memory>
#include <vector>

namespace embedloom::run {

/// The chunks of an Arrow C stream. They are released, on whatever thread, when the last one who shares this is gone.
class LentRecords {
  public:
    /// Takes all of the stream, and releases it. Throws base::Failure (bad_data) with the stream's own reason where it fails. Whoever
    /// fills the stream may need other threads: no lock of the caller's should be held.
    static std::shared_ptr<const LentRecords> take(ArrowArrayStream& stream);
    LentRecords(const LentRecords&) = delete;
    LentRecords& operator=(const LentRecords&) = delete;
    ~LentRecords();

    /// What the host shows to plugins.
    const el_records& view() const { return view_; }

  private:
    LentRecords() = default;
    void read(ArrowArrayStream& stream);

    ArrowSchema schema_{};
    std::vector<std::unique_ptr<ArrowArray>> chunks_;
    std::vector<const ArrowArray*> shown_;
    el_records view_{};
};

/// What it means for a config that records are given beside it: a source without `use` is `arrow`. One that names files is a mistake of
/// the document: which of both is meant nobody can know.
void choose_source_of_records(config::Document& document);

/// Records were given, and the config's source did not ask for any.
base::Error records_not_taken(const config::Spec& spec);

}  // namespace embedloom::run
