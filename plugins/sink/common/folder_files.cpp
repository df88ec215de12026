// Names of the files of a folder of batches, taken apart.
#include "folder_files.h"

#include <array>
#include <charconv>
#include <filesystem>

namespace embedloom::plugins {

namespace {

/// Of every sink that writes such folders: a folder of one kind is no place for another.
constexpr std::array<std::string_view, 2> batch_endings{".jsonl", ".safetensors"};

bool take_front(std::string_view& text, std::string_view front) {
    if (!text.starts_with(front)) return false;
    text.remove_prefix(front.size());
    return true;
}

bool take_back(std::string_view& text, std::string_view back) {
    if (!text.ends_with(back)) return false;
    text.remove_suffix(back.size());
    return true;
}

template <class Number>
bool take_digits(std::string_view& text, std::size_t least, Number& number) {
    const char* const begin = text.data();
    const auto [end, status] = std::from_chars(begin, begin + text.size(), number);
    const auto digits = static_cast<std::size_t>(end - begin);
    if (status != std::errc{} || digits < least) return false;
    text.remove_prefix(digits);
    return true;
}

/// Whether `text` is nothing, or "-r00001", which is put into `file`.
bool is_rank(std::string_view text, FolderFile& file) {
    if (text.empty()) return true;
    std::uint32_t rank = 0;
    if (!take_front(text, "-r") || !take_digits(text, 5, rank) || !text.empty()) return false;
    file.rank = rank;
    return true;
}

bool is_batch(std::string_view name, FolderFile& file) {
    bool ends = false;
    for (const std::string_view ending : batch_endings) ends = ends || take_back(name, ending);
    return ends && take_front(name, "batch-") && take_digits(name, 8, file.step) && is_rank(name, file);
}

bool is_named(std::string_view name, std::string_view front, std::string_view back, FolderFile& file) {
    return take_front(name, front) && take_back(name, back) && is_rank(name, file);
}

Role role_of(std::string_view name, FolderFile& file) {
    const bool half = take_back(name, ".part");
    Role role = Role::other;
    if (is_batch(name, file)) role = Role::batch;
    else if (is_named(name, "batches", ".jsonl", file)) role = Role::list;
    else if (is_named(name, "manifest", ".json", file)) role = Role::manifest;
    else if (is_named(name, ".lock", "", file)) role = Role::lock;
    return half && role != Role::other ? Role::half : role;
}

/// The number after `"key":`.
std::optional<std::uint64_t> number_after(std::string_view line, std::string_view key) {
    const std::size_t at = line.find(key);
    std::uint64_t number = 0;
    if (at == std::string_view::npos) return std::nullopt;
    line.remove_prefix(at + key.size());
    return take_digits(line, 1, number) ? std::optional(number) : std::nullopt;
}

}  // namespace

FolderFile file_of(std::string_view name) {
    FolderFile file{.name = std::string(name)};
    file.role = role_of(name, file);
    return file;
}

std::vector<FolderFile> files_of(const std::string& folder) {
    std::vector<FolderFile> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        if (FolderFile file = file_of(entry.path().filename().native()); file.role != Role::other) files.push_back(std::move(file));
    return files;
}

Owner owner_of(const FolderFile& file, std::uint32_t rank, std::uint32_t world) {
    if (world == 1) return file.rank ? Owner::foreign : Owner::own;
    if (!file.rank || *file.rank >= world) return Owner::foreign;
    return *file.rank == rank ? Owner::own : Owner::fellow;
}

std::optional<BatchLine> batch_line_of(std::string_view line) {
    constexpr std::string_view before_file = "\"file\":\"";
    const auto step = number_after(line, "{\"step\":"), bytes = number_after(line, "\"bytes\":");
    const std::size_t begin = line.find(before_file);
    if (!line.ends_with("}") || !step || !bytes || begin == std::string_view::npos) return std::nullopt;
    const std::string_view rest = line.substr(begin + before_file.size());
    const FolderFile file = file_of(rest.substr(0, rest.find('"')));
    if (file.role != Role::batch || file.step != *step) return std::nullopt;
    return BatchLine{*step, *bytes, file.name};
}

}  // namespace embedloom::plugins
