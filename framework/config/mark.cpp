// Puts places on mistakes and keeps the list readable.
#include <embedloom/config/mark.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace embedloom::config {

namespace {
constexpr std::size_t shown_at_most = 100;
}

base::Error at(const Mark& mark, base::Error error) {
    if (mark.source) error.source = *mark.source;
    error.line = mark.line;
    error.column = mark.column;
    if (error.code == base::Code::internal) error.code = base::Code::config;
    return error;
}

void Mistakes::add(const Mark& mark, base::Error error) {
    add(std::vector{at(mark, std::move(error))});
}

void Mistakes::add(const std::vector<base::Error>& errors) {
    for (const base::Error& error : errors) {
        if (errors_.size() < shown_at_most)
            errors_.push_back(error);
        else
            ++not_shown_;
    }
}

std::vector<base::Error> Mistakes::take() {
    std::stable_sort(errors_.begin(), errors_.end(), [](const base::Error& a, const base::Error& b) {
        const bool a_is_later = a.code != base::Code::config, b_is_later = b.code != base::Code::config;
        return std::tie(a_is_later, a.source, a.line, a.column) <
               std::tie(b_is_later, b.source, b.line, b.column);
    });
    if (not_shown_ != 0)
        errors_.push_back({.code = base::Code::config,
                           .source = errors_.front().source,
                           .hint = std::to_string(not_shown_) + " more mistakes are not shown"});
    not_shown_ = 0;
    return std::exchange(errors_, {});
}

void Mistakes::throw_if_any() {
    if (!errors_.empty()) throw base::Failure(take());
}

}  // namespace embedloom::config
