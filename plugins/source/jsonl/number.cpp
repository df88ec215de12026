// JSON numbers: the grammar, and which of them fit a double.
#include "cursor.h"

#include <algorithm>
#include <charconv>

namespace embedloom::source {

namespace {

/// Of a number that no double holds: whether it is too large, or else too small. By where its first digit stands.
bool is_large(std::string_view digits) {
    const std::size_t e = digits.find_first_of("eE");
    const std::string_view mantissa = digits.substr(0, e);
    std::int64_t exponent = 0;
    if (e != std::string_view::npos) {
        std::string_view power = digits.substr(e + 1);
        const bool negative = power.starts_with('-');
        if (negative || power.starts_with('+')) power.remove_prefix(1);
        if (std::from_chars(power.data(), power.data() + power.size(), exponent).ec != std::errc()) exponent = INT64_MAX / 2;
        if (negative) exponent = -exponent;
    }
    const std::size_t first = mantissa.find_first_of("123456789");
    const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
    const auto place = static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first);
    return place + exponent > 0;
}

}  // namespace

JsonNumber Cursor::number() {
    peek();
    const char* const first = at_;
    bool whole = true;
    if (at_ != end_ && *at_ == '-') ++at_;
    if (at_ != end_ && (*at_ == 'I' || *at_ == 'N'))
        fail("a digit", "JSON has no NaN or Infinity: json.dumps(..., allow_nan=False)");
    if (at_ != end_ && *at_ == '0') {
        ++at_;
        if (at_ != end_ && *at_ >= '0' && *at_ <= '9') fail("no digit after a leading zero");
    } else {
        digits();
    }
    if (at_ != end_ && *at_ == '.') {
        ++at_, whole = false;
        digits();
    }
    if (at_ != end_ && (*at_ == 'e' || *at_ == 'E')) {
        ++at_, whole = false;
        if (at_ != end_ && (*at_ == '+' || *at_ == '-')) ++at_;
        digits();
    }
    const JsonNumber out{{first, static_cast<std::size_t>(at_ - first)}, whole};
    if (whole && out.digits.size() < 300) return out;  // always fits
    double value = 0;
    if (std::from_chars(first, at_, value).ec == std::errc::result_out_of_range && is_large(out.digits))
        fail_at(static_cast<std::size_t>(first - begin_), "a number too large for a double", "a finite number",
                "Python writes such numbers as they are, but readers of JSON differ on them");
    return out;
}

}  // namespace embedloom::source
