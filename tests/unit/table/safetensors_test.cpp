// Safetensors headers: what is read, and every way in which they lie.
#include "common/safetensors_header.h"

#include <cstring>

#include "support/catch.hpp"

using namespace embedloom::plugins;
namespace sdk = embedloom::sdk;

namespace {

/// A file: header length, header, and `data_bytes` zeros.
std::vector<std::byte> file_of(const std::string& header, std::size_t data_bytes) {
    std::vector<std::byte> file(8 + header.size() + data_bytes);
    const std::uint64_t size = header.size();
    std::memcpy(file.data(), &size, 8);
    std::memcpy(file.data() + 8, header.data(), header.size());
    return file;
}

std::string tensor(const std::string& name, const std::string& shape, const std::string& offsets,
                   const std::string& type = "F32") {
    return "\"" + name + "\":{\"dtype\":\"" + type + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}";
}

/// What find_tensor says of a file, or "" when it is fine.
std::string refusal(const std::vector<std::byte>& file, const std::string& name = "t") {
    try {
        find_tensor(file, name, "f");
        return "";
    } catch (const sdk::Error& error) {
        return error.found;
    }
}

}  // namespace

TEST_CASE("safetensors: a tensor is found at its bytes") {
    const std::string header = "{" + tensor("a", "[2,2]", "[0,16]") + "," + tensor("t", "[1,3]", "[16,22]", "BF16") + "}  ";
    const TensorPlace place = find_tensor(file_of(header, 22), "t", "f");
    CHECK(place.dtype == EL_BF16);
    CHECK(place.shape == std::vector<std::uint64_t>{1, 3});
    CHECK(place.begin == 8 + header.size() + 16);
    CHECK(place.bytes == 6);
}

TEST_CASE("safetensors: a length that cannot be is refused before anything is read") {
    for (const std::uint64_t length : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 63, ~std::uint64_t{0},
                                       std::uint64_t{100'000'001}, std::uint64_t{50}}) {
        std::vector<std::byte> file(40);
        std::memcpy(file.data(), &length, 8);
        CHECK(refusal(file) == "a header of " + std::to_string(length) + " bytes");
    }
    CHECK(refusal(std::vector<std::byte>(7)) == "7 bytes");
    CHECK(refusal({}) == "0 bytes");
}

TEST_CASE("safetensors: a shape whose bytes wrap around 64 bits is refused") {
    CHECK(refusal(file_of("{" + tensor("t", "[4294967296,4294967296]", "[0,0]") + "}", 0)).starts_with("tensor 't' of 0"));
    CHECK(refusal(file_of("{" + tensor("t", "[4194305,4194305,211106198978564]", "[0,16]") + "}", 16))
              .starts_with("tensor 't' of 16"));
}

TEST_CASE("safetensors: holes, overlaps, reversed and trailing bytes are refused") {
    CHECK(refusal(file_of("{" + tensor("t", "[1]", "[4,8]") + "}", 8)) == "tensor 't' at data byte 4");
    CHECK(refusal(file_of("{" + tensor("t", "[1]", "[0,4]") + "," + tensor("u", "[1]", "[0,4]") + "}", 4)) ==
          "tensor 'u' at data byte 0");
    CHECK(refusal(file_of("{" + tensor("t", "[1]", "[4,0]") + "}", 4)).starts_with("tensor 't' without"));
    CHECK(refusal(file_of("{" + tensor("t", "[1]", "[0,4]") + "}", 5)) == "1 bytes after the last tensor");
    CHECK(refusal(file_of("{" + tensor("t", "[2]", "[0,8]") + "}", 4)).find("beyond the end") != std::string::npos);
}

TEST_CASE("safetensors: names and keys twice are refused, as the format's text demands") {
    CHECK(refusal(file_of("{" + tensor("t", "[1]", "[0,4]") + "," + tensor("t", "[1]", "[4,8]") + "}", 8)) ==
          "name 't' twice");
    CHECK(refusal(file_of("{\"t\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4)) ==
          "key 'dtype' twice in tensor 't'");
}

TEST_CASE("safetensors: numbers that are no plain integers are refused") {
    for (const char* shape : {"[-1]", "[1.0]", "[1e0]", "[\"1\"]", "[null]", "1"})
        CHECK(refusal(file_of("{" + tensor("t", shape, "[0,4]") + "}", 4)).starts_with("a shape"));
}

TEST_CASE("safetensors: what is not one JSON object is refused") {
    CHECK(refusal(file_of(" {}", 0)) == "white space before the header's JSON");
    for (const char* header : {"[]", "{} x", "{", "{\"t\":", "\xFF\xFE{}", "{\"t\":[[[[[[[[[[[]]]]]]]]]]]}"})
        CHECK_FALSE(refusal(file_of(header, 0)).empty());
}

TEST_CASE("safetensors: a missing tensor is told with the names that are there") {
    try {
        find_tensor(file_of("{" + tensor("a", "[1]", "[0,4]") + "}", 4), "t", "f");
        FAIL("found a tensor that is not there");
    } catch (const sdk::Error& error) {
        CHECK(error.code == EL_BAD_CONFIG);
        CHECK(error.hint == "it has a");
    }
}

TEST_CASE("tables: files of another kind are called by their name") {
    const auto bytes = [](std::string_view text) {
        const auto* data = reinterpret_cast<const std::byte*>(text.data());
        return std::vector<std::byte>(data, data + text.size());
    };
    CHECK(refusal(bytes("version https://git-lfs.github.com/spec/v1\n")) == "a Git-LFS pointer: run `git lfs pull`");
    CHECK(refusal(bytes("<!DOCTYPE html><html>")).starts_with("an HTML page"));
    CHECK(refusal(bytes(" \n<!doctype HTML>")).starts_with("an HTML page"));
    CHECK(refusal(bytes("PK\x03\x04 and more")).starts_with("a zip file"));
}
