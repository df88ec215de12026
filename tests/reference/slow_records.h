// What records a text has, worked out the slow and obvious way: the twin of plugins/source/common/walk.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace embedloom::reference {

struct SlowRecord {
    std::uint64_t id;    // byte in the content
    std::uint64_t bytes; // with its line end
    std::string text;    // line ends made \n
    bool operator==(const SlowRecord&) const = default;
};

struct SlowLine {
    std::uint64_t begin, end;  // end: behind its line end
    std::string text;          // without it
};

inline std::vector<SlowLine> slow_lines(const std::string& content) {
    std::vector<SlowLine> lines;
    for (std::uint64_t at = 0; at < content.size();) {
        std::uint64_t end = at;
        while (end < content.size() && content[end] != '\n') ++end;
        const bool ended = end < content.size();
        std::string text = content.substr(at, end - at);
        if (ended && !text.empty() && text.back() == '\r') text.pop_back();
        lines.push_back({at, ended ? end + 1 : end, text});
        at = lines.back().end;
    }
    return lines;
}

/// A line that ends and has nothing before its end.
inline bool is_blank(const SlowLine& line) { return line.text.empty(); }

inline std::vector<SlowRecord> slow_records_of_lines(const std::string& content) {
    std::vector<SlowRecord> records;
    for (const SlowLine& line : slow_lines(content))
        if (!is_blank(line)) records.push_back({line.begin, line.end - line.begin, line.text});
    return records;
}

inline std::vector<SlowRecord> slow_records_of_paragraphs(const std::string& content) {
    std::vector<SlowRecord> records;
    bool inside = false;
    for (const SlowLine& line : slow_lines(content)) {
        if (is_blank(line)) {
            inside = false;
        } else if (inside) {
            records.back().bytes = line.end - records.back().id;
            records.back().text += "\n" + line.text;
        } else {
            records.push_back({line.begin, line.end - line.begin, line.text});
            inside = true;
        }
    }
    return records;
}

/// UTF-8 with U+FFFD for each maximal subpart that is none, one byte at a time (WHATWG Encoding, "utf-8 decoder").
inline std::string slow_replaced(const std::string& bytes) {
    std::string out, pending;
    unsigned needed = 0, low = 0x80, high = 0xBF;
    const auto bad = [&] { out += "\xEF\xBF\xBD", pending.clear(), needed = 0, low = 0x80, high = 0xBF; };
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto byte = static_cast<unsigned char>(bytes[i]);
        if (needed == 0) {
            if (byte < 0x80) {
                out += bytes[i];
            } else if (byte >= 0xC2 && byte <= 0xF4) {
                needed = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
                if (byte == 0xE0) low = 0xA0;
                if (byte == 0xED) high = 0x9F;
                if (byte == 0xF0) low = 0x90;
                if (byte == 0xF4) high = 0x8F;
                pending = bytes[i];
            } else {
                bad();
            }
        } else if (byte < low || byte > high) {
            bad();
            --i;  // the byte is looked at again
        } else {
            low = 0x80, high = 0xBF;
            pending += bytes[i];
            if (--needed == 0) out += pending, pending.clear();
        }
    }
    if (needed) bad();
    return out;
}

}  // namespace embedloom::reference
