// The text form of a checkpoint, and a parser that takes this form and nothing else.
#include <embedloom/base/error.h>
#include <embedloom/base/sha256.h>
#include <embedloom/loom/checkpoint.h>

#include <array>
#include <functional>
#include <string>
#include <utility>

namespace embedloom::loom {

namespace {

constexpr std::uint64_t version = 1;
constexpr std::uint64_t largest_number = (std::uint64_t{1} << 62) - 1;
constexpr std::size_t most_text_bytes = std::size_t{1} << 20;
constexpr std::size_t most_fingerprint_bytes = 256;

/// The counters of a ledger by name: those with a sign,
template <class AnyLedger>
auto signed_counters(AnyLedger& ledger) {
    using Entry = std::pair<const char*, decltype(&ledger.split)>;
    return std::array<Entry, 2>{{{"elsewhere", &ledger.elsewhere}, {"split", &ledger.split}}};
}

/// and those without.
template <class AnyLedger>
auto counters(AnyLedger& ledger) {
    using Entry = std::pair<const char*, decltype(&ledger.read)>;
    return std::array<Entry, 8>{{{"read", &ledger.read},
                                 {"emitted", &ledger.emitted},
                                 {"filtered", &ledger.filtered},
                                 {"skipped", &ledger.skipped},
                                 {"quarantined", &ledger.quarantined},
                                 {"cut_at_tail", &ledger.cut_at_tail},
                                 {"pending", &ledger.pending},
                                 {"repeats", &ledger.repeats}}};
}

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_text_letter(char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter || is_digit(c) || std::string_view("-_.:+/=").find(c) != std::string_view::npos;
}

/// Reads one JSON text from its start to its end.
class Reader {
  public:
    explicit Reader(std::string_view text) : text_(text) {}

    using Field = std::pair<const char*, std::function<void()>>;

    /// An object with exactly these keys, in any order.
    void object(std::span<const Field> fields) {
        std::vector<bool> seen(fields.size());
        expect('{');
        for (std::size_t i = 0; i < fields.size(); ++i) {
            if (take("}")) fail(at_ - 1, "no more keys", names(fields));
            if (i > 0) expect(',');
            const std::size_t start = skip_spaces();
            const std::string key = string();
            std::size_t at = 0;
            while (at < fields.size() && key != fields[at].first) ++at;
            if (at == fields.size() || seen[at])
                fail(start, (at < fields.size() ? "a second key " : "the key ") + key, names(fields));
            seen[at] = true;
            expect(':');
            fields[at].second();
        }
        expect('}');
    }

    std::uint64_t number() {
        const std::size_t start = skip_spaces();
        std::uint64_t value = 0;
        for (; at_ < text_.size() && is_digit(text_[at_]); ++at_) {
            value = value * 10 + static_cast<std::uint64_t>(text_[at_] - '0');
            if (value > largest_number) fail(start, "a larger number", "a whole number below 2^62");
        }
        const bool has_leading_zero = at_ - start > 1 && text_[start] == '0';
        if (at_ == start || has_leading_zero) fail(start, "something else", "a whole number");
        return value;
    }

    std::int64_t signed_number() {
        const bool is_negative = take("-");
        const bool has_digit = at_ < text_.size() && is_digit(text_[at_]);
        if (is_negative && !has_digit) fail(at_, "something else", "a digit");
        const auto value = static_cast<std::int64_t>(number());
        return is_negative ? -value : value;
    }

    bool boolean() {
        if (take("true")) return true;
        if (!take("false")) fail(at_, "something else", "true or false");
        return false;
    }

    bool null() { return take("null"); }

    std::string string() {
        expect('"');
        const std::size_t start = at_;
        while (at_ < text_.size() && is_text_letter(text_[at_])) ++at_;
        if (at_ - start > most_fingerprint_bytes) fail(start, "a longer text", "at most 256 bytes");
        std::string value(text_.substr(start, at_ - start));
        const bool is_closed = at_ < text_.size() && text_[at_] == '"';
        if (!is_closed) fail(at_, "something else", "a letter, digit or one of -_.:+/=");
        ++at_;
        return value;
    }

    /// Calls `item` for each item of an array.
    void array(const std::function<void()>& item) {
        expect('[');
        if (take("]")) return;
        do item();
        while (take(","));
        expect(']');
    }

    void expect(char c) {
        if (!take(std::string_view(&c, 1))) fail(at_, "something else", std::string("'") + c + "'");
    }

    void end() {
        if (skip_spaces() != text_.size()) fail(at_, "text behind the end", "nothing");
    }

    [[noreturn]] void fail(std::size_t byte, std::string found, std::string expected) const {
        if (byte >= text_.size()) found = "the end of the text";
        throw base::Failure({.code = base::Code::bad_data,
                             .byte = byte,
                             .key_path = "state",
                             .found = std::move(found),
                             .expected = std::move(expected)});
    }

    std::size_t at() const { return at_; }

  private:
    std::size_t skip_spaces() {
        while (at_ < text_.size() && is_space(text_[at_])) ++at_;
        return at_;
    }

    bool take(std::string_view word) {
        skip_spaces();
        if (!text_.substr(at_).starts_with(word)) return false;
        at_ += word.size();
        return true;
    }

    static std::string names(std::span<const Field> fields) {
        std::string all = "each of";
        for (const Field& field : fields) all += std::string(" ") + field.first;
        return all + " once";
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

void read_ledger(Reader& reader, Ledger& ledger) {
    std::vector<Reader::Field> fields;
    for (const auto& [name, counter] : signed_counters(ledger))
        fields.emplace_back(name, [&reader, counter = counter] { *counter = reader.signed_number(); });
    for (const auto& [name, counter] : counters(ledger))
        fields.emplace_back(name, [&reader, counter = counter] { *counter = reader.number(); });
    reader.object(fields);
}

void read_cursors(Reader& reader, Checkpoint& checkpoint) {
    reader.array([&] {
        checkpoint.known.push_back(!reader.null());
        Cursor cursor;
        if (checkpoint.known.back()) {
            reader.expect('[');
            cursor.window = reader.number();
            reader.expect(',');
            cursor.row = reader.number();
            reader.expect(']');
        }
        checkpoint.state.cursors.push_back(cursor);
    });
    if (checkpoint.is_whole()) checkpoint.known.clear();
}

std::uint32_t read_short(Reader& reader) {
    const std::size_t start = reader.at();
    const std::uint64_t value = reader.number();
    if (value > 0xFFFFFFFF) reader.fail(start, "a larger number", "a number below 2^32");
    return static_cast<std::uint32_t>(value);
}

void read_version(Reader& reader) {
    const std::size_t start = reader.at();
    const std::uint64_t found = reader.number();
    if (found != version) reader.fail(start, "version " + std::to_string(found), "version 1");
}

std::string cursors_text(const Checkpoint& checkpoint) {
    std::string out;
    for (std::size_t lane = 0; lane < checkpoint.state.cursors.size(); ++lane) {
        const Cursor& cursor = checkpoint.state.cursors[lane];
        if (lane) out += ',';
        if (checkpoint.known.empty() || checkpoint.known[lane])
            out += '[' + std::to_string(cursor.window) + ',' + std::to_string(cursor.row) + ']';
        else
            out += "null";
    }
    return out;
}

/// Everything that a state says, but for its check.
std::string body_text(const Checkpoint& checkpoint) {
    const State& state = checkpoint.state;
    std::string out = "{\"version\":" + std::to_string(version) + ",\"step\":" + std::to_string(state.step) +
                      ",\"epoch\":" + std::to_string(state.epoch) +
                      ",\"ended\":" + (state.ended ? "true" : "false") +
                      ",\"rank\":" + (checkpoint.rank ? std::to_string(*checkpoint.rank) : "null") +
                      ",\"world\":" + std::to_string(checkpoint.world) +
                      ",\"fingerprint\":" + base::json_quote(checkpoint.fingerprint) +
                      ",\"cursors\":[" + cursors_text(checkpoint) +
                      "],\"ledger\":{";
    const auto add = [&out](const char* name, auto number) {
        out += (out.back() == '{' ? "\"" : ",\"") + std::string(name) + "\":" + std::to_string(number);
    };
    for (const auto& [name, counter] : signed_counters(checkpoint.ledger)) add(name, *counter);
    for (const auto& [name, counter] : counters(checkpoint.ledger)) add(name, *counter);
    return out + "}";
}

/// The first 16 digits of the body's SHA-256: what tells a state in which a digit was changed from one that was written.
std::string check_of(const std::string& body) { return base::sha256_hex(body).substr(0, 16); }

}  // namespace

std::string to_json(const Checkpoint& checkpoint) {
    const std::string body = body_text(checkpoint);
    return body + ",\"check\":\"" + check_of(body) + "\"}";
}

Checkpoint checkpoint_from_json(std::string_view text) {
    Reader reader(text);
    if (text.size() > most_text_bytes) reader.fail(most_text_bytes, "a longer text", "at most 1 MiB");
    Checkpoint checkpoint;
    State& state = checkpoint.state;
    std::string check;
    std::size_t check_at = 0;
    const std::array<Reader::Field, 10> fields{{
        {"version", [&] { read_version(reader); }},
        {"step", [&] { state.step = reader.number(); }},
        {"epoch", [&] { state.epoch = reader.number(); }},
        {"ended", [&] { state.ended = reader.boolean(); }},
        {"rank", [&] { if (!reader.null()) checkpoint.rank = read_short(reader); }},
        {"world", [&] { checkpoint.world = read_short(reader); }},
        {"fingerprint", [&] { checkpoint.fingerprint = reader.string(); }},
        {"cursors", [&] { read_cursors(reader, checkpoint); }},
        {"ledger", [&] { read_ledger(reader, checkpoint.ledger); }},
        {"check", [&] { check_at = reader.at(), check = reader.string(); }},
    }};
    reader.object(fields);
    reader.end();
    const std::string right = check_of(body_text(checkpoint));
    if (check != right) reader.fail(check_at, "the check " + check + ": the state was changed after it was written", right);
    return checkpoint;
}

}  // namespace embedloom::loom
