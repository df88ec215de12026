// Where bytes are not UTF-8, and their repair.
// link: simdjson
#include "utf8.h"

#include <simdjson.h>

#include <cstdio>

namespace embedloom::source {

namespace {

using Byte = unsigned char;

/// What may follow a lead byte: how many bytes, and the range of the first of them (Unicode table 3-7).
struct Lead {
    std::size_t following;
    Byte low, high;
};

Lead lead_of(Byte lead) {
    if (lead >= 0xC2 && lead <= 0xDF) return {1, 0x80, 0xBF};
    if (lead == 0xE0) return {2, 0xA0, 0xBF};
    if (lead == 0xED) return {2, 0x80, 0x9F};
    if (lead >= 0xE1 && lead <= 0xEF) return {2, 0x80, 0xBF};
    if (lead == 0xF0) return {3, 0x90, 0xBF};
    if (lead >= 0xF1 && lead <= 0xF3) return {3, 0x80, 0xBF};
    if (lead == 0xF4) return {3, 0x80, 0x8F};
    return {0, 1, 0};
}

}  // namespace

bool is_utf8(std::string_view bytes) { return simdjson::validate_utf8(bytes.data(), bytes.size()); }

BadUtf8 find_bad_utf8(std::string_view bytes, std::size_t from) {
    // Stretches that are right are passed over at full speed, in steps that end at any byte: a step that cuts a character
    // is only looked at closely.
    constexpr std::size_t step = 4096;
    for (std::size_t at = from; at < bytes.size();) {
        if (bytes.size() - at > step && is_utf8(bytes.substr(at, step))) {
            at += step;
            continue;
        }
        const std::size_t close_end = std::min(at + step, bytes.size());
        while (at < close_end) {
            const auto first = static_cast<Byte>(bytes[at]);
            if (first < 0x80) {
                ++at;
                continue;
            }
            const Lead lead = lead_of(first);
            std::size_t good = 1;
            while (good <= lead.following && at + good < bytes.size()) {
                const auto next = static_cast<Byte>(bytes[at + good]);
                const bool fits = good == 1 ? next >= lead.low && next <= lead.high : (next & 0xC0) == 0x80;
                if (!fits) break;
                ++good;
            }
            if (lead.following == 0 || good <= lead.following) return {at, good};
            at += good;
        }
    }
    return {};
}

std::string hex_bytes(std::string_view bytes) {
    std::string out = bytes.size() == 1 ? "the byte" : "the bytes";
    for (const char byte : bytes) {
        char digits[4];
        std::snprintf(digits, sizeof digits, " %02X", static_cast<Byte>(byte));
        out += digits;
    }
    return out;
}

}  // namespace embedloom::source
