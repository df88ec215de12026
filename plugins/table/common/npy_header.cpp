// The grammar of .npy headers: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
#include "npy_header.h"

#include <charconv>
#include <cstring>

namespace embedloom::plugins {

namespace {

constexpr std::uint64_t most_npy_header_bytes = 10'000;

class Header {
  public:
    Header(std::string_view text, std::uint64_t first_byte, const std::string& where)
        : rest_(text), text_(text), first_byte_(first_byte), where_(where) {}

    void parse() {
        expect('{');
        while (!accept('}')) {
            const std::string_view key = quoted();
            expect(':');
            entry(key);
            if (!accept(',') && peek() != '}') refuse("a comma or }");
        }
        spaces();
        if (!rest_.empty()) refuse("nothing after }");
        if (seen_ != 7) refuse("descr, fortran_order and shape, each once");
    }
    std::string_view type;
    std::string_view order;
    std::vector<std::uint64_t> shape;

  private:
    void entry(std::string_view key) {
        const unsigned bit = key == "descr" ? 1 : key == "fortran_order" ? 2 : key == "shape" ? 4 : 0;
        if (!bit || (seen_ & bit)) refuse("descr, fortran_order and shape, each once");
        seen_ |= bit;
        if (bit == 1) {
            spaces();
            if (peek() == '[') refuse("a plain number type: structured arrays are not tables");
            type = quoted();
        } else if (bit == 2) {
            order = word();
        } else {
            tuple();
        }
    }
    void tuple() {
        expect('(');
        while (!accept(')')) {
            spaces();
            std::uint64_t extent = 0;
            const auto [stop, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), extent);
            if (error != std::errc{} || shape.size() == 32) refuse("at most 32 extents of 0 or more");
            rest_.remove_prefix(static_cast<std::size_t>(stop - rest_.data()));
            accept('L');
            shape.push_back(extent);
            if (!accept(',') && peek() != ')') refuse("a comma or )");
        }
    }
    std::string_view quoted() {
        spaces();
        const char quote = peek();
        const std::size_t end = quote == '\'' || quote == '"' ? rest_.find(quote, 1) : std::string_view::npos;
        if (end == std::string_view::npos) refuse("a quoted word");
        const std::string_view out = rest_.substr(1, end - 1);
        rest_.remove_prefix(end + 1);
        return out;
    }
    std::string_view word() {
        spaces();
        const std::size_t end = std::min(rest_.find_first_of(", }"), rest_.size());
        const std::string_view out = rest_.substr(0, end);
        if (out != "True" && out != "False") refuse("True or False");
        rest_.remove_prefix(end);
        return out;
    }
    char peek() {
        spaces();
        return rest_.empty() ? '\0' : rest_.front();
    }
    bool accept(char wanted) {
        if (peek() != wanted) return false;
        rest_.remove_prefix(1);
        return true;
    }
    void expect(char wanted) {
        if (!accept(wanted)) refuse(std::string("'") + wanted + "'");
    }
    void spaces() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \n\t"), rest_.size())); }
    [[noreturn]] void refuse(std::string expected) {
        throw sdk::Error{.code = EL_BAD_DATA, .source = where_, .byte = first_byte_ + (text_.size() - rest_.size()),
                         .found = "a .npy header that does not parse", .expected = std::move(expected)};
    }

    std::string_view rest_, text_;
    std::uint64_t first_byte_;
    const std::string& where_;
    unsigned seen_ = 0;
};

[[noreturn]] void refuse_type(const std::string& where, std::string found, std::string hint) {
    throw sdk::Error{.code = EL_BAD_DATA, .source = where, .found = std::move(found), .expected = "'<f4' or '<f2' in C order",
                     .hint = std::move(hint)};
}

void check_type(const Header& header, const std::string& where) {
    const std::string type(header.type.substr(0, 40));
    if (type.find('O') != std::string::npos)
        refuse_type(where, "an object array, which is a Python pickle and can run code", "save numbers instead");
    if (type.starts_with('>')) refuse_type(where, "big-endian numbers '" + type + "'", "numpy.save(f, a.astype('<f4'))");
    if (type != "<f4" && type != "<f2") refuse_type(where, "type '" + type + "'", "numpy.save(f, a.astype('<f4'))");
    if (header.order == "True")
        refuse_type(where, "Fortran order (column by column)", "numpy.save(f, numpy.ascontiguousarray(a))");
}

}  // namespace

TensorPlace npy_array(std::span<const std::byte> file, const std::string& where) {
    const auto at = [&](std::size_t i) { return static_cast<std::uint64_t>(file[i]); };
    if (const std::string guess = looks_like(file); !guess.empty())
        throw sdk::Error{.code = EL_BAD_DATA, .source = where, .found = guess, .expected = "a .npy file"};
    if (file.size() < 12 || std::memcmp(file.data(), "\x93NUMPY", 6) != 0 || at(6) < 1 || at(6) > 3)
        throw sdk::Error{.code = EL_BAD_DATA, .source = where, .byte = 0, .found = "no .npy file of version 1 to 3",
                         .expected = "the bytes \\x93NUMPY"};
    const bool long_size = at(6) > 1;
    const std::uint64_t begin = long_size ? 12 : 10;
    const std::uint64_t bytes = at(8) | at(9) << 8 | (long_size ? at(10) << 16 | at(11) << 24 : 0);
    if (bytes > most_npy_header_bytes || bytes > file.size() - begin)
        throw sdk::Error{.code = EL_BAD_DATA, .source = where, .byte = 8, .found = "a header of " + std::to_string(bytes) + " bytes",
                         .expected = "at most 10000, within the file"};
    Header header({reinterpret_cast<const char*>(file.data()) + begin, bytes}, begin, where);
    header.parse();
    check_type(header, where);
    TensorPlace place{.dtype = header.type == "<f4" ? el_dtype{EL_F32} : el_dtype{EL_F16}, .shape = header.shape,
                      .begin = begin + bytes, .bytes = file.size() - begin - bytes};
    const auto wanted = bytes_of(place.shape, dtype_bytes(place.dtype));
    if (!wanted || *wanted != place.bytes)
        throw sdk::Error{.code = EL_BAD_DATA, .source = where, .byte = place.begin,
                         .found = std::to_string(place.bytes) + " bytes of data",
                         .expected = wanted ? std::to_string(*wanted) + " for shape " + shape_text(place.shape)
                                            : "a shape that fits 64 bits"};
    return place;
}

}  // namespace embedloom::plugins
