// NumPy array files: what is read, and what is refused.
#include "common/npy_header.h"

#include "support/catch.hpp"

using namespace embedloom::plugins;
namespace sdk = embedloom::sdk;

namespace {

/// A version 1.0 file with a header text and `data_bytes` zeros.
std::vector<std::byte> npy_file(const std::string& header, std::size_t data_bytes) {
    std::string text = "\x93NUMPY";
    text += '\1';
    text += '\0';
    text += static_cast<char>(header.size() & 255);
    text += static_cast<char>(header.size() >> 8);
    text += header;
    text.append(data_bytes, '\0');
    const auto* data = reinterpret_cast<const std::byte*>(text.data());
    return {data, data + text.size()};
}

std::string header(const std::string& type, const std::string& order, const std::string& shape) {
    return "{'descr': " + type + ", 'fortran_order': " + order + ", 'shape': " + shape + ", }\n";
}

std::string npy_refusal(const std::vector<std::byte>& file) {
    try {
        npy_array(file, "f");
        return "";
    } catch (const sdk::Error& error) {
        return error.found;
    }
}

}  // namespace

TEST_CASE("npy: float32 and float16 in C order are read") {
    const TensorPlace place = npy_array(npy_file(header("'<f4'", "False", "(3, 4)"), 48), "f");
    CHECK(place.dtype == EL_F32);
    CHECK(place.shape == std::vector<std::uint64_t>{3, 4});
    CHECK(place.bytes == 48);
    CHECK(npy_array(npy_file(header("'<f2'", "False", "(5,)"), 10), "f").shape == std::vector<std::uint64_t>{5});
}

TEST_CASE("npy: pickles, big-endian, Fortran order and structures are refused by name") {
    CHECK(npy_refusal(npy_file(header("'|O'", "False", "(1,)"), 8)).starts_with("an object array"));
    CHECK(npy_refusal(npy_file(header("'>f4'", "False", "(1,)"), 4)) == "big-endian numbers '>f4'");
    CHECK(npy_refusal(npy_file(header("'<f4'", "True", "(1, 1)"), 4)).starts_with("Fortran order"));
    CHECK(npy_refusal(npy_file(header("[('a', '<f4')]", "False", "(1,)"), 4)) == "a .npy header that does not parse");
    CHECK(npy_refusal(npy_file(header("'<i8'", "False", "(1,)"), 8)) == "type '<i8'");
}

TEST_CASE("npy: data that is short or long, and shapes that wrap, are refused") {
    CHECK(npy_refusal(npy_file(header("'<f4'", "False", "(3, 4)"), 47)) == "47 bytes of data");
    CHECK(npy_refusal(npy_file(header("'<f4'", "False", "(3, 4)"), 49)) == "49 bytes of data");
    CHECK(npy_refusal(npy_file(header("'<f4'", "False", "(4294967296, 4294967296)"), 0)) == "0 bytes of data");
}

TEST_CASE("npy: headers that are code, cut or nested are refused") {
    for (const char* text : {"{'descr': __import__('os'), 'fortran_order': False, 'shape': (1,)}", "{", "{'descr': '<f4'}",
                             "{'shape': ((((", "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", ""})
        CHECK_FALSE(npy_refusal(npy_file(text, 4)).empty());
    CHECK(npy_refusal(npy_file(std::string(10'001, ' '), 0)) == "a header of 10001 bytes");
}
