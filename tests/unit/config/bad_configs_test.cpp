// Every file of configs/bad gives exactly the message that stands beside it.
#include <algorithm>
#include <filesystem>
#include <iostream>

#include "support/catch.hpp"
#include "workshop.h"

namespace fs = std::filesystem;
using namespace embedloom;

namespace {

/// What the checker says, without the file's name.
std::string said(const fs::path& file) {
    const auto environment = [](std::string_view name) {
        return name == "HOME" ? std::optional<std::string>("/home/somebody") : std::nullopt;
    };
    try {
        config::load(file, {{}, environment}, config::test_catalogue());
    } catch (const base::Failure& failure) {
        const std::string folder = fs::absolute(file).parent_path().string();
        const std::string without_file = config::Workshop::replaced(failure.what(), file.string() + ":", "");
        return config::Workshop::replaced(without_file, folder, "{folder}") + "\n";
    }
    return "no mistake found\n";
}

std::vector<fs::path> bad_configs() {
    std::vector<fs::path> out;
    for (const auto& entry : fs::directory_iterator("configs/bad"))
        if (entry.path().extension() == ".yaml") out.push_back(entry.path());
    std::sort(out.begin(), out.end());
    return out;
}

}  // namespace

TEST_CASE("bad configs: each gives the message beside it") {
    const std::vector<fs::path> files = bad_configs();
    REQUIRE(files.size() > 40);
    for (const fs::path& file : files) {
        INFO(file);
        fs::path expected = file;
        CHECK(said(file) == support::read_file(expected.replace_extension(".expected")));
    }
}

TEST_CASE("bad configs: each message stands beside a config") {
    for (const auto& entry : fs::directory_iterator("configs/bad")) {
        fs::path config = entry.path();
        if (config.extension() == ".expected") CHECK(fs::exists(config.replace_extension(".yaml")));
    }
}

// Prints what is said of each, to be read by eye and put beside the configs: test_config "[.print]"
TEST_CASE("bad configs: what is said of each", "[.print]") {
    for (const fs::path& file : bad_configs())
        std::cout << "== " << file.stem().string() << "\n" << said(file);
}
