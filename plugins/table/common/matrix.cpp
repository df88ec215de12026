// Shapes and sizes of table files, in checked arithmetic.
#include "matrix.h"

#include <algorithm>

namespace embedloom::plugins {

std::string shape_text(std::span<const std::uint64_t> shape) {
    std::string out = "[";
    for (const std::uint64_t extent : shape) out += (out.size() > 1 ? ", " : "") + std::to_string(extent);
    return out + "]";
}

std::uint64_t dtype_bytes(el_dtype dtype) { return dtype == EL_F32 ? 4 : 2; }

std::optional<std::uint64_t> bytes_of(std::span<const std::uint64_t> shape, std::uint64_t number_bytes) {
    std::uint64_t bytes = number_bytes;
    for (const std::uint64_t extent : shape)
        if (__builtin_mul_overflow(bytes, extent, &bytes)) return std::nullopt;
    return bytes;
}

el_table_view matrix_of(const TensorPlace& place, std::span<const std::byte> file, const std::string& where) {
    constexpr std::uint64_t widest = 1 << 16, most_rows = std::uint64_t{1} << 32;
    const std::size_t rank = place.shape.size();
    if (rank != 1 && rank != 2)
        throw sdk::Error{.source = where, .found = "a tensor of shape " + shape_text(place.shape),
                         .expected = "a matrix [rows, width] or a vector [width]"};
    const std::uint64_t width = place.shape.back(), rows = rank == 2 ? place.shape.front() : 1;
    if (!width || !rows || width > widest || rows > most_rows)
        throw sdk::Error{.source = where, .found = "a tensor of shape " + shape_text(place.shape),
                         .expected = "1 to 65536 numbers a row, 1 to 2^32 rows"};
    return {.dtype = place.dtype, .data = file.data() + place.begin, .rows = rows,
            .stride = width * dtype_bytes(place.dtype), .width = static_cast<std::uint32_t>(width)};
}

namespace {

/// Whatever its case, and after white space.
bool is_html(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    std::string head(text.substr(0, 9));
    std::transform(head.begin(), head.end(), head.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return head.starts_with("<!doctype") || head.starts_with("<html");
}

}  // namespace

std::string looks_like(std::span<const std::byte> file) {
    const std::string_view text(reinterpret_cast<const char*>(file.data()), std::min<std::size_t>(file.size(), 64));
    if (text.starts_with("version https://git-lfs")) return "a Git-LFS pointer: run `git lfs pull`";
    if (is_html(text)) return "an HTML page: the download went wrong";
    if (text.starts_with("\x1F\x8B")) return "gzip data";
    if (text.starts_with("PK\x03\x04")) return "a zip file (PyTorch's .bin and NumPy's .npz are zip files)";
    if (text.starts_with("\x80\x02") || text.starts_with("\x80\x04"))
        return "a Python pickle, which can run code: save it as safetensors";
    return "";
}

}  // namespace embedloom::plugins
