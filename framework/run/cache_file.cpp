// Names by digest.
#include <embedloom/base/mapped_file.h>
#include <embedloom/base/sha256.h>
#include <embedloom/run/cache_file.h>

namespace embedloom::run {

std::string touch_of(const std::string& path) {
    const base::FileIdentity is = base::identity_of(path).value_or(base::FileIdentity{});
    std::string text;
    for (const std::uint64_t number : {is.device, is.inode, is.bytes, static_cast<std::uint64_t>(is.modified_seconds),
                                       static_cast<std::uint64_t>(is.modified_nanoseconds)})
        text += " " + std::to_string(number);
    return text;
}

std::string cached_path(const CacheName& name, const host::SourceStage& source) {
    base::Sha256 key;
    key.update(source.instance().plugin() + "\n" + name.about);
    for (const host::SourceFile& file : source.extent().files)
        key.update("\n" + std::filesystem::absolute(file.path).string() + " " + file.digest + touch_of(file.path));
    std::error_code error;
    std::filesystem::create_directories(name.folder, error);
    return (name.folder / (name.kind + "-" + key.finish_hex().substr(0, 32))).string();
}

CacheTurn::CacheTurn(const std::string& path, const std::function<bool()>& is_cancelled) {
    const std::filesystem::path file(path);
    bool is_stopped = false;
    try {
        lock_.emplace((file.parent_path() / ("." + file.filename().string() + ".lock")).string());
        is_stopped = !lock_->wait(is_cancelled);
    } catch (const base::Failure& failure) {
        if (!is_of_cache(failure)) throw;
    }
    if (is_stopped)
        throw base::Failure({.code = base::Code::interrupted, .source = path, .found = "a wait for another process, stopped"});
}

bool is_of_cache(const base::Failure& failure) {
    using enum base::Code;
    const base::Error& error = failure.errors().front();
    const bool is_of_files = error.code == io || error.code == cannot_create || error.code == permission || error.code == no_input;
    return is_of_files && error.stage != "source";
}

}  // namespace embedloom::run
