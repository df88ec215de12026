// Which plugins there are: searches folders, reads what each file says of itself, loads a file when a stage of it is asked for.
#pragma once

#include <embedloom/abi/plugin.h>
#include <embedloom/base/error.h>
#include <embedloom/host/kind.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace embedloom::host {

/// A folder to search. Its files *.so are looked at, not those of its folders.
struct Folder {
    std::filesystem::path path;
    std::string asked_by;      ///< for messages: "--plugin-path", "beside the program"
    bool may_be_missing = false;
};

/// A stage in a file.
struct Listing {
    StageName stage;
    std::filesystem::path file;         ///< absolute, without links
    std::filesystem::path shadowed_by;  ///< the file whose stage of this kind and name is taken instead; empty: this is taken
};

/// Not for two threads. Libraries are never unloaded: what find() gives is good to the end of the process.
class Registry {
  public:
    /// [main] Looks through the folders in this order, each in the order of its files' names; the first of a name wins.
    /// Loads nothing. A missing folder and unfit files are in broken().
    explicit Registry(const std::vector<Folder>& folders);

    /// [main] The stage of this kind and name, its file loaded and checked; null when no file has it. The declaration is a
    /// checked copy: its arrays are walked by index. Throws base::Failure (config) where the file that has it, or one called
    /// like it, is unfit: a broken plugin is said, never passed over for another one.
    const el_stage* find(el_kind kind, std::string_view name);

    /// All stages by what files say, in the order of the search.
    const std::vector<Listing>& listings() const { return listings_; }
    /// Names that find() could give for a kind, sorted: for "did you mean".
    std::vector<std::string> names(el_kind kind) const;
    /// Files and folders that cannot be used, each with its reason. Shared libraries that are no plugins are not among them.
    const std::vector<base::Error>& broken() const { return broken_; }
    /// The file that find() would take; empty: none.
    std::filesystem::path file_of(el_kind kind, std::string_view name) const;

  private:
    struct File {
        std::filesystem::path path;
        std::vector<StageName> stages;
        std::vector<base::Error> refusals;    // why it is unfit; empty: it is fit as far as is known
        bool is_stranger = false;
        std::vector<const el_stage*> loaded;  // in the order of `stages`
    };
    void search(const Folder& folder);
    void look_at(const std::filesystem::path& entry);
    void list(const File& file);
    void load(File& file);
    File* file_called(el_kind kind, std::string_view name) const;

    std::vector<std::unique_ptr<File>> files_;
    std::vector<Listing> listings_;
    std::vector<base::Error> broken_;
};

}  // namespace embedloom::host
