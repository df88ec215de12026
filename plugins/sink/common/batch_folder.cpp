// The files of a folder of batches.
#include "batch_folder.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "whole_file.h"

namespace embedloom::plugins {

namespace fs = std::filesystem;

namespace {

/// Bytes of the UTF-8 character at the start of `text`; 0 where there is none (names of files may be any bytes).
std::size_t character_bytes(std::string_view text) {
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned lead = at(0), second = text.size() > 1 ? at(1) : 0u;
    const std::size_t size = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
    if (size == 0 || text.size() < size) return 0;
    for (std::size_t i = 1; i < size; ++i)
        if ((at(i) & 0xC0) != 0x80) return 0;
    const bool bad = (lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) || (lead == 0xF0 && second < 0x90) ||
                     (lead == 0xF4 && second > 0x8F);
    return bad ? 0 : size;
}

}  // namespace

std::string json_text(std::string_view text) {
    std::string out = "\"";
    for (std::size_t at = 0, size = 1; at < text.size(); at += std::max<std::size_t>(size, 1)) {
        const char c = text[at];
        size = character_bytes(text.substr(at));
        if (size != 1) {
            out += size ? text.substr(at, size) : "\xEF\xBF\xBD";
        } else if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            char escaped[8];
            std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(c));
            out += escaped;
        } else {
            out += c;
        }
    }
    return out + '"';
}

BatchFolder::BatchFolder(const sdk::Values& values, std::string ending)
    : directory_(values.text("directory")), ending_(std::move(ending)),
      existing_(values.text("existing") == "replace" ? Existing::replace : Existing::refuse) {}

std::string BatchFolder::rank_suffix() const {
    if (world_ == 1) return "";
    char text[16];
    std::snprintf(text, sizeof text, "-r%05u", rank_);
    return text;
}

/// The step of a batch file of this rank and ending, UINT64_MAX for any other name.
std::uint64_t BatchFolder::step_of(const std::string& name) const {
    const std::string tail = rank_suffix() + ending_;
    if (!name.starts_with("batch-") || name.size() <= 6 + tail.size() || !name.ends_with(tail)) return UINT64_MAX;
    const std::string digits = name.substr(6, name.size() - 6 - tail.size());
    if (digits.size() < 8 || digits.size() > 19 || digits.find_first_not_of("0123456789") != std::string::npos)
        return UINT64_MAX;
    return std::stoull(digits);
}

/// Removes batches from a step on, what a stopped run left half written, and the manifest; keeps the lines of the rest.
void BatchFolder::clear(std::uint64_t from_step) {
    for (const auto& entry : fs::directory_iterator(directory_)) {
        std::string name = entry.path().filename();
        if (name.ends_with(".part")) {
            name.resize(name.size() - 5);
            if (step_of(name) != UINT64_MAX) fs::remove(entry.path());
        } else if (const std::uint64_t step = step_of(name); step != UINT64_MAX && step >= from_step) {
            fs::remove(entry.path());
        }
    }
    fs::remove(path("manifest" + rank_suffix() + ".json"));
    std::ifstream kept(path("batches" + rank_suffix() + ".jsonl"));
    for (std::string line; std::getline(kept, line);)
        if (line.starts_with("{\"step\":") && line.ends_with("}") && std::strtoull(line.c_str() + 8, nullptr, 10) < from_step)
            lines_.push_back(line);
}

void BatchFolder::open(const el_run_facts& run) try {
    fingerprint_ = std::string(sdk::from_abi(run.fingerprint));
    rank_ = run.rank;
    world_ = run.world;
    lines_.clear();
    fs::create_directories(directory_);
    lock_.emplace(path(".lock" + rank_suffix()));
    if (!(run.flags & EL_RUN_RESUMES) && existing_ == Existing::refuse)
        for (const auto& entry : fs::directory_iterator(directory_))
            if (step_of(entry.path().filename()) != UINT64_MAX)
                throw sdk::Error{.code = EL_CANNOT_CREATE, .parameter = "directory", .source = directory_,
                                 .found = "batches of an earlier run (" + entry.path().filename().string() + ")",
                                 .expected = "a folder without",
                                 .hint = "name another folder, remove it, or say `existing: replace`"};
    clear(run.first_step);
    std::string lines;
    for (const std::string& line : lines_) lines += line + "\n";
    const std::string_view piece = lines;
    write_whole(path("batches" + rank_suffix() + ".jsonl"), {&piece, 1});
} catch (const fs::filesystem_error& error) {
    errno = error.code().value();
    throw_errno("make", directory_);
}

void BatchFolder::write(std::uint64_t step, std::uint64_t rows, std::span<const std::string_view> pieces) {
    char number[24];
    std::snprintf(number, sizeof number, "%08llu", static_cast<unsigned long long>(step));
    const std::string name = "batch-" + std::string(number) + rank_suffix() + ending_;
    const std::string digest = write_whole(path(name), pieces);
    std::size_t bytes = 0;
    for (const std::string_view piece : pieces) bytes += piece.size();
    lines_.push_back("{\"step\":" + std::to_string(step) + ",\"rows\":" + std::to_string(rows) + ",\"file\":" +
                     json_text(name) + ",\"bytes\":" + std::to_string(bytes) + ",\"sha256\":\"" + digest + "\"}");
    const std::string lines_path = path("batches" + rank_suffix() + ".jsonl");
    std::ofstream lines(lines_path, std::ios::app);
    lines << lines_.back() << "\n";
    lines.flush();
    if (!lines) throw_errno("write", lines_path);
}

void BatchFolder::close() {
    std::string text = "{\"fingerprint\":" + json_text(fingerprint_) + ",\"rank\":" + std::to_string(rank_) +
                       ",\"world_size\":" + std::to_string(world_) + ",\"batches\":[";
    for (std::size_t i = 0; i < lines_.size(); ++i) text += (i ? ",\n" : "\n") + lines_[i];
    text += "\n]}\n";
    const std::string_view piece = text;
    write_whole(path("manifest" + rank_suffix() + ".json"), {&piece, 1});
    sync_folder(directory_);
    lock_.reset();
}

}  // namespace embedloom::plugins
