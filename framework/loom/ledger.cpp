// The one equation of the ledger.
#include <embedloom/loom/ledger.h>

namespace embedloom::loom {

std::int64_t Ledger::balance() const {
    const std::uint64_t accounted = emitted + filtered + skipped + quarantined + cut_at_tail + pending;
    return static_cast<std::int64_t>(read - accounted) + split - elsewhere;
}

void Ledger::merge(const Ledger& other) {
    read += other.read;
    emitted += other.emitted;
    filtered += other.filtered;
    skipped += other.skipped;
    quarantined += other.quarantined;
    cut_at_tail += other.cut_at_tail;
    pending += other.pending;
    elsewhere += other.elsewhere;
    split += other.split;
    repeats += other.repeats;
}

}  // namespace embedloom::loom
