// The object of one line.
#include "json_line.h"

#include "../common/label.h"

#include <charconv>

namespace embedloom::source {

namespace {

using Type = WantedField::Type;

constexpr std::string_view kind_words[] = {"a text", "an integer", "a number"};

std::string name_of(const JsonString& key) {
    std::string name;
    unescape(key, [&](std::string_view piece) { name += piece; });
    return name;
}

WantedField* find(std::vector<WantedField>& fields, const JsonString& key) {
    const std::string unescaped = key.escaped ? name_of(key) : std::string();
    const std::string_view name = key.escaped ? std::string_view(unescaped) : key.raw;
    for (WantedField& field : fields)
        if (field.name == name) return &field;
    return nullptr;
}

std::string value_words(char first) {
    switch (first) {
        case '"': return "a text";
        case '{': return "an object";
        case '[': return "a list";
        case 't':
        case 'f': return "a boolean";
        case 'n': return "null";
        default: return "a number";
    }
}

void check_surrogates(const Cursor& cursor, const JsonString& text) {
    for (std::size_t at = 0; (at = text.raw.find('\\', at)) != std::string_view::npos;) {
        const Escape escape = escape_at(text.raw, at);
        if (escape.lone)
            cursor.fail_at(text.at + at, "the lone surrogate " + std::string(text.raw.substr(at, 6)), "a whole character",
                           "lone_surrogates: replace puts U+FFFD for it");
        at += escape.size;
    }
}

void read_number(Cursor& cursor, WantedField& field) {
    cursor.peek();
    const std::size_t at = cursor.at();
    const JsonNumber number = cursor.number();
    const char* const end = number.digits.data() + number.digits.size();
    if (field.type == Type::number) {
        field.number = 0;  // stays for what is too small for a double
        std::from_chars(number.digits.data(), end, field.number);
        if (!is_finite_float(field.number))
            cursor.fail_at(at, "`" + std::string(number.digits.substr(0, 32)) + "` in \"" + field.name + "\"", std::string(real_labels));
        return;
    }
    if (!number.whole)
        cursor.fail_at(at, "`" + std::string(number.digits.substr(0, 32)) + "` in \"" + field.name + "\"", "an integer",
                       "label_type: number");
    if (std::from_chars(number.digits.data(), end, field.integer).ec != std::errc())
        cursor.fail_at(at, "an integer of " + std::to_string(number.digits.size()) + " characters in \"" + field.name + "\"",
                       "one from -2^63 to 2^63 - 1");
}

void read_wanted(Cursor& cursor, WantedField& field, std::size_t key_at, Surrogates surrogates) {
    if (field.found) cursor.fail_at(key_at, "a second \"" + field.name + "\"", "each field once");
    field.found = true;
    const char first = cursor.peek();
    const std::size_t at = cursor.at();
    const bool number = first == '-' || (first >= '0' && first <= '9');
    if (field.type == Type::text && first == '"') {
        field.text = cursor.string();
        if (field.text.escaped && surrogates == Surrogates::refuse) check_surrogates(cursor, field.text);
    } else if (field.type != Type::text && number) {
        read_number(cursor, field);
    } else {
        cursor.skip_value(1);
        cursor.fail_at(at, value_words(first) + " in \"" + field.name + "\"",
                       std::string(kind_words[static_cast<std::size_t>(field.type)]));
    }
}

/// The names that the line has, for the message about one that it lacks.
std::string names_of(std::string_view line) {
    Cursor cursor(line);
    std::string names;
    cursor.take('{');
    for (int count = 0; cursor.peek() == '"'; ++count) {
        if (count == 8) return names + ", ...";
        names += (count ? ", " : "the line has: ") + name_of(cursor.key()).substr(0, 40);
        cursor.skip_value(1);
        if (!cursor.take(',')) break;
    }
    return names;
}

}  // namespace

Escape escape_at(std::string_view raw, std::size_t backslash) {
    const char c = raw[backslash + 1];
    switch (c) {
        case 'b': return {'\b', 2, false};
        case 'f': return {'\f', 2, false};
        case 'n': return {'\n', 2, false};
        case 'r': return {'\r', 2, false};
        case 't': return {'\t', 2, false};
        case 'u': break;
        default: return {static_cast<std::uint32_t>(c), 2, false};
    }
    const std::uint32_t unit = unit_of(raw.data() + backslash + 2);
    if (unit < 0xD800 || unit > 0xDFFF) return {unit, 6, false};
    const std::string_view behind = raw.substr(backslash + 6, 6);
    if (unit < 0xDC00 && behind.size() == 6 && behind.starts_with("\\u")) {
        const std::uint32_t low = unit_of(behind.data() + 2);
        if (low >= 0xDC00 && low <= 0xDFFF) return {0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00), 12, false};
    }
    return {unit, 6, true};
}

void read_json_line(std::string_view line, std::vector<WantedField>& fields, Surrogates surrogates) {
    for (WantedField& field : fields) field.found = false;
    Cursor cursor(line);
    if (!cursor.take('{')) cursor.fail("`{`", "each line is one object");
    if (!cursor.take('}')) {
        do {
            cursor.peek();
            const std::size_t key_at = cursor.at();
            const JsonString key = cursor.key();
            if (WantedField* field = find(fields, key))
                read_wanted(cursor, *field, key_at, surrogates);
            else
                cursor.skip_value(1);
        } while (cursor.take(','));
        if (!cursor.take('}')) cursor.fail("`,` or `}`");
    }
    cursor.peek();
    if (!cursor.at_end()) cursor.fail("the end of the line", "one object a line, and nothing after it");
    for (const WantedField& field : fields)
        if (!field.found) cursor.fail_at(0, "no field \"" + field.name + "\"", "a field of that name", names_of(line));
}

}  // namespace embedloom::source
