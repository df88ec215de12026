// The truncation rules in closed form.
#include "truncation.h"

#include <algorithm>

namespace embedloom::plugins {

namespace {

PairLengths longest_first(PairLengths lengths, std::uint64_t budget) {
    const std::uint64_t shorter = std::min(lengths.first, lengths.second);
    const bool first_is_longer = lengths.first > lengths.second;
    std::uint64_t low = shorter, high = shorter > budget ? shorter : std::max(shorter, budget - shorter);
    if (low + high > budget) {
        low = budget / 2;
        high = low + budget % 2;
    }
    return first_is_longer ? PairLengths{high, low} : PairLengths{low, high};
}

PairLengths longest_first_google(PairLengths lengths, std::uint64_t budget) {
    // The longer one shrinks to the other's length; from there both shrink in turn, the second first.
    const std::uint64_t even = budget / 2, odd = budget % 2;
    if (lengths.second <= even) return {budget - lengths.second, lengths.second};
    if (lengths.first <= even) return {lengths.first, budget - lengths.first};
    return {even + odd, even};
}

std::optional<std::uint64_t> shorten_one(std::uint64_t length, std::uint64_t surplus) {
    return length > surplus ? std::optional(length - surplus) : std::nullopt;
}

}  // namespace

Truncation truncation_of(std::string_view word) {
    if (word == "longest_first_google") return Truncation::longest_first_google;
    if (word == "only_first") return Truncation::only_first;
    if (word == "only_second") return Truncation::only_second;
    return word == "none" ? Truncation::none : Truncation::longest_first;
}

std::optional<PairLengths> shorten(PairLengths lengths, std::uint64_t budget, Truncation rule) {
    const std::uint64_t total = lengths.first + lengths.second;
    if (total <= budget) return lengths;
    switch (rule) {
        case Truncation::longest_first: return longest_first(lengths, budget);
        case Truncation::longest_first_google: return longest_first_google(lengths, budget);
        case Truncation::only_first:
            if (const auto kept = shorten_one(lengths.first, total - budget)) return PairLengths{*kept, lengths.second};
            return std::nullopt;
        case Truncation::only_second:
            if (const auto kept = shorten_one(lengths.second, total - budget)) return PairLengths{lengths.first, *kept};
            return std::nullopt;
        case Truncation::none: break;
    }
    return std::nullopt;
}

}  // namespace embedloom::plugins
