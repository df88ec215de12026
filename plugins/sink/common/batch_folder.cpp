// The files of a folder of batches.
#include "batch_folder.h"

#include <algorithm>
#include <cerrno>
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

BatchFolder::BatchFolder(const sdk::Values& values, const sdk::Host& host, std::string ending)
    : host_(host), directory_(values.text("directory")), ending_(std::move(ending)),
      existing_(values.text("existing") == "replace" ? Existing::replace : Existing::refuse) {}

std::string BatchFolder::rank_suffix() const {
    if (world_ == 1) return "";
    char text[16];
    std::snprintf(text, sizeof text, "-r%05u", rank_);
    return text;
}

std::string BatchFolder::list_name() const { return "batches" + rank_suffix() + ".jsonl"; }

std::string BatchFolder::name_of(std::uint64_t step) const {
    char number[24];
    std::snprintf(number, sizeof number, "%08llu", static_cast<unsigned long long>(step));
    return "batch-" + std::string(number) + rank_suffix() + ending_;
}

/// The whole lines of a list that are of steps before `end`.
std::vector<std::string> BatchFolder::lines_before(const std::string& list, std::uint64_t end) const {
    std::vector<std::string> lines;
    std::ifstream in(path(list));
    for (std::string line; std::getline(in, line);)
        if (const auto parsed = batch_line_of(line); parsed && parsed->step < end) lines.push_back(line);
    return lines;
}

/// A manifest that another rank left under another number of ranks is of an earlier run.
bool BatchFolder::is_of_other_world(const FolderFile& manifest) const {
    std::ifstream in(path(manifest.name));
    std::string line;
    return std::getline(in, line) && line.find("\"world_size\":" + std::to_string(world_) + ",") == std::string::npos;
}

void BatchFolder::refuse_earlier_run(const std::vector<FolderFile>& files) const {
    for (const FolderFile& file : files) {
        const bool fellow = owner_of(file, rank_, world_) == Owner::fellow;
        if (fellow ? file.role == Role::manifest && is_of_other_world(file) : file.role == Role::batch)
            throw sdk::Error{.code = EL_CANNOT_CREATE, .parameter = "directory", .source = directory_,
                             .found = "batches of an earlier run (" + file.name + ")", .expected = "a folder without",
                             .hint = "name another folder, remove it, or say `existing: replace`"};
    }
}

/// What a resumed run goes on behind must be there as it was listed, by any rank, so that another number of ranks goes on. Steps that no
/// list has may have been made by a session, which has no sink: a warning, as they cannot be told from lines that are lost.
void BatchFolder::require_whole(const std::vector<FolderFile>& files, std::uint64_t first_step) const {
    const auto refuse = [&](const std::string& name, std::string found, const std::string& or_else) {
        throw sdk::Error{.code = EL_NO_INPUT, .parameter = "directory", .source = path(name), .found = std::move(found),
                         .expected = "the batches of the " + std::to_string(first_step) + " steps before the one that the run goes on at",
                         .hint = "bring the folder back as the run left it, or remove it and the state to begin anew" + or_else};
    };
    std::vector<std::uint64_t> steps;
    bool listed = false;
    for (const FolderFile& file : files) {
        if (file.role != Role::list) continue;
        listed = true;
        for (const std::string& line : lines_before(file.name, first_step)) {
            const BatchLine batch = *batch_line_of(line);
            steps.push_back(batch.step);
            if (owner_of(file, rank_, world_) == Owner::fellow) continue;  // the other rank's to look at
            std::error_code error;
            const std::uint64_t bytes = fs::file_size(path(batch.file), error);
            if (error) refuse(batch.file, "no file, though " + file.name + " lists it", "");
            if (bytes != batch.bytes)
                refuse(batch.file, std::to_string(bytes) + " bytes, not the " + std::to_string(batch.bytes) + " that " + file.name + " lists", "");
        }
    }
    if (first_step && !listed) refuse(list_name(), "no file", "; where those batches are elsewhere, make an empty " + list_name());
    std::sort(steps.begin(), steps.end());
    steps.erase(std::unique(steps.begin(), steps.end()), steps.end());
    if (steps.size() < first_step)
        host_.warn("of the " + std::to_string(first_step) + " steps before the one that the run goes on at, " + std::to_string(steps.size()) +
                   " are in " + directory_ + ": the manifest will have a gap");
}

/// Removes batches from a step on, what a stopped run left half written, and manifests; keeps the lines of the rest. Other ranks
/// of the run do the same for theirs; what no rank of it owns goes with the first.
void BatchFolder::clear(const std::vector<FolderFile>& files, std::uint64_t from_step) {
    for (const FolderFile& file : files) {
        const Owner owner = owner_of(file, rank_, world_);
        if (owner == Owner::fellow || (owner == Owner::foreign && rank_ != 0)) continue;
        if (file.role == Role::half || file.role == Role::manifest || (file.role == Role::batch && file.step >= from_step))
            fs::remove(path(file.name));
        else if (file.role == Role::list && owner == Owner::foreign) {
            const std::vector<std::string> lines = lines_before(file.name, from_step);
            if (lines.empty()) fs::remove(path(file.name));
            else write_lines(file.name, lines);
        }
    }
    lines_ = lines_before(list_name(), from_step);
}

void BatchFolder::write_lines(const std::string& list, const std::vector<std::string>& lines) const {
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    const std::string_view piece = text;
    write_whole(path(list), {&piece, 1});
}

void BatchFolder::open(const el_run_facts& run) try {
    fingerprint_ = std::string(sdk::from_abi(run.fingerprint));
    rank_ = run.rank;
    world_ = run.world;
    lines_.clear();
    fs::create_directories(directory_);
    lock_.emplace(path(".lock" + rank_suffix()));
    const std::vector<FolderFile> files = files_of(directory_);
    for (const FolderFile& file : files)
        if (file.role == Role::lock && owner_of(file, rank_, world_) == Owner::foreign) FolderLock::require_free(path(file.name));
    if (run.flags & EL_RUN_RESUMES)
        require_whole(files, run.first_step);
    else if (existing_ == Existing::refuse)
        refuse_earlier_run(files);
    clear(files, run.first_step);
    write_lines(list_name(), lines_);
} catch (const fs::filesystem_error& error) {
    errno = error.code().value();
    throw_errno("make", directory_);
}

void BatchFolder::write(std::uint64_t step, std::uint64_t rows, std::span<const std::string_view> pieces) {
    const std::string name = name_of(step);
    const std::string digest = write_whole(path(name), pieces);
    std::size_t bytes = 0;
    for (const std::string_view piece : pieces) bytes += piece.size();
    lines_.push_back("{\"step\":" + std::to_string(step) + ",\"rows\":" + std::to_string(rows) + ",\"file\":" +
                     json_text(name) + ",\"bytes\":" + std::to_string(bytes) + ",\"sha256\":\"" + digest + "\"}");
    const std::string lines_path = path(list_name());
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
