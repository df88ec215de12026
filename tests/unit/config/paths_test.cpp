// Paths relative to the config, files from folders and globs, and what is said of those that are not there.
#include <embedloom/config/paths.h>

#include <filesystem>
#include <fstream>

#include "support/catch.hpp"
#include "support/temporary_folder.h"

using namespace embedloom;
namespace fs = std::filesystem;

namespace {

/// A folder of its own with a few files: b.txt, a.txt, Z.txt, sub/c.txt, sub/.hidden, odd[1].txt
struct Garden {
    support::TemporaryFolder own;
    fs::path folder = own.path();
    Garden() {
        fs::create_directories(folder / "sub");
        fs::create_directories(folder / "hollow");
        for (const char* name : {"b.txt", "a.txt", "Z.txt", "sub/c.txt", "sub/.hidden", "odd[1].txt"})
            own.write(name, "x");
    }

    /// The files as the config's folder sees them, or the mistakes.
    std::vector<std::string> list(const std::vector<std::string>& entries) const {
        std::vector<std::string> out;
        const config::FileList found = config::list_files(entries, {folder.string(), "/home/me"});
        for (const std::string& file : found.files)
            out.push_back(fs::path(file).lexically_relative(folder).string());
        for (const auto& [index, error] : found.errors)
            out.push_back(std::to_string(index) + ": " + error.found);
        return out;
    }
};

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("paths: relative to the config's folder, ~ is home, .. stays as written") {
    const config::Folders folders{"/etc/job", "/home/me"};
    CHECK(config::resolved("data/a.txt", folders) == "/etc/job/data/a.txt");
    CHECK(config::resolved("./a.txt", folders) == "/etc/job/a.txt");
    CHECK(config::resolved("../a.txt", folders) == "/etc/job/../a.txt");
    CHECK(config::resolved("/a.txt", folders) == "/a.txt");
    CHECK(config::resolved("~/a.txt", folders) == "/home/me/a.txt");
    CHECK(config::resolved("a.txt", {"/", ""}) == "/a.txt");
    CHECK_THROWS_WITH(config::resolved("", folders), Catch::Contains("an empty path"));
    CHECK_THROWS_WITH(config::resolved(std::string("a\0b", 3), folders), Catch::Contains("NUL"));
    CHECK_THROWS_WITH(config::resolved(std::string("~/a\0b", 5), folders), Catch::Contains("NUL"));
    CHECK_THROWS_WITH(config::resolved("~/a", {"/etc", ""}), Catch::Contains("HOME is not set"));
}

TEST_CASE("files: sorted bytewise, whatever the order in the config") {
    const Garden garden;
    CHECK(garden.list({"b.txt", "a.txt", "Z.txt"}) == Lines{"Z.txt", "a.txt", "b.txt"});
    CHECK(garden.list({"*.txt"}) == Lines{"Z.txt", "a.txt", "b.txt", "odd[1].txt"});
    CHECK(garden.list({"[ab].txt", "sub"}) == Lines{"a.txt", "b.txt", "sub/c.txt"});
    CHECK(garden.list({"."}) == Lines{"Z.txt", "a.txt", "b.txt", "odd[1].txt", "sub/c.txt"});
    CHECK(garden.list({"s*"}) == Lines{"sub/c.txt"});
}

TEST_CASE("files: an explicit repeat stays, a glob adds no file twice") {
    const Garden garden;
    CHECK(garden.list({"a.txt", "b.txt", "a.txt"}) == Lines{"a.txt", "a.txt", "b.txt"});
    CHECK(garden.list({"[ab].txt", "a.txt", "?.txt"}) == Lines{"Z.txt", "a.txt", "b.txt"});
}

TEST_CASE("files: a name that exists is that file, though it looks like a glob") {
    CHECK(Garden().list({"odd[1].txt"}) == Lines{"odd[1].txt"});
}

TEST_CASE("files: each entry that gives none is told by its number") {
    const Garden garden;
    const std::string folder = garden.folder.string();
    CHECK(garden.list({"none.txt", "a.txt", "*.gz", "hollow"}) ==
          Lines{"a.txt", "0: no file '" + folder + "/none.txt'",
                "2: no file that matches '" + folder + "/*.gz'",
                "3: no file in the folder '" + folder + "/hollow'"});
}

TEST_CASE("files: a link to a file is a file, one to a folder is that folder, once") {
    const Garden garden;
    fs::create_directories(garden.folder / "links/own");
    std::ofstream(garden.folder / "links/own/d.txt") << "x";
    fs::create_symlink("../a.txt", garden.folder / "links/a.txt");
    fs::create_directory_symlink("../sub", garden.folder / "links/out");
    fs::create_directory_symlink("own", garden.folder / "links/latest");
    fs::create_directory_symlink("..", garden.folder / "links/own/loop");
    const Lines found{"links/a.txt", "links/out/c.txt", "links/own/d.txt"};
    CHECK(garden.list({"links"}) == found);
    CHECK(garden.list({"l*"}) == found);
}

TEST_CASE("files: a link that leads nowhere is told, in a folder and by a glob") {
    const Garden garden;
    fs::create_symlink("gone", garden.folder / "sub/dangling.txt");
    const std::string told = "0: the link '" + (garden.folder / "sub/dangling.txt").string() + "', which leads nowhere";
    for (const char* entry : {"sub", "sub/*", "*/dangling.txt", "."}) CHECK(garden.list({entry}) == Lines{told});
}

TEST_CASE("files: what is no regular file is told") {
    CHECK(Garden().list({"/dev/zero"}) == Lines{"0: '/dev/zero', which is no regular file"});
}

TEST_CASE("files: a glob matches folders on the way, and hidden names only where it says so") {
    const Garden garden;
    CHECK(garden.list({"*/c.txt"}) == Lines{"sub/c.txt"});
    CHECK(garden.list({"?ub/*"}) == Lines{"sub/c.txt"});
    CHECK(garden.list({"sub/.h*"}) == Lines{"sub/.hidden"});
    CHECK(garden.list({"s*/"}) == Lines{"sub/c.txt"});
    CHECK(garden.list({"odd\\[1].tx?"}) == Lines{"odd[1].txt"});
    const std::string folder = garden.folder.string();
    for (const char* pattern : {"a.txt/*", "a.tx?/", "none/*"})
        CHECK(garden.list({pattern}) == Lines{"0: no file that matches '" + folder + "/" + pattern + "'"});
}

TEST_CASE("path: a missing file is no input (66), a folder is a config mistake (78)") {
    const Garden garden;
    const auto code = [](const std::string& path) {
        try {
            config::require_file(path);
        } catch (const base::Failure& failure) {
            return static_cast<int>(failure.first().code);
        }
        return 0;
    };
    CHECK(code((garden.folder / "a.txt").string()) == 0);
    CHECK(code((garden.folder / "none.txt").string()) == 66);
    CHECK(code((garden.folder / "a.txt/below").string()) == 66);
    CHECK(code((garden.folder / "sub").string()) == 78);
}
