// Finds where records start, at memory speed, without looking at what is in them.
#pragma once

#include "pages.h"
#include "units.h"

namespace embedloom::source {

/// The ids of the records that start in the range, the same that Walk finds. Gives back how many blank lines start there
/// (0 for paragraphs and files, where they are no more than separators).
std::uint64_t scan_starts(const Corpus& corpus, Pages& pages, Unit unit, sdk::ByteRange range,
                          sdk::Column<std::uint64_t>& starts);

}  // namespace embedloom::source
