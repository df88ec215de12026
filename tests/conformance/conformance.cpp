// Puts one plugin file through the conformance suite: conformance FILE [--settings FILE] [--folder FOLDER] [--threads N]
// [--limit SECONDS] [--only CLAIM]. A line for each check that did not pass, a count at the end; exit code 1 where one failed.
#include <embedloom/base/error.h>
#include <embedloom/testkit/conformance.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace {

using namespace embedloom;

struct Arguments {
    testkit::Subject subject;
    testkit::Options options;
};

Arguments parse(const std::vector<std::string>& words) {
    Arguments out;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto next = [&] {
            if (i + 1 == words.size()) throw base::Failure(base::Error{.code = base::Code::usage, .found = words[i] + " alone"});
            return words[++i];
        };
        if (words[i] == "--settings") {
            const std::string path = next();
            std::ifstream in(path);
            const std::string text{std::istreambuf_iterator<char>(in), {}};
            out.subject.settings = testkit::read_settings(text, path);
        } else if (words[i] == "--folder") {
            out.subject.folders.emplace_back(next());
        } else if (words[i] == "--threads") {
            out.options.threads = static_cast<std::uint32_t>(std::stoul(next()));
        } else if (words[i] == "--only") {
            out.options.only = next();
        } else if (words[i] == "--limit") {
            out.options.limit = std::chrono::seconds(std::stoul(next()));
        } else {
            out.subject.file = words[i];
        }
    }
    return out;
}

int report(const std::vector<testkit::Result>& results) {
    int failed = 0, skipped = 0;
    for (const testkit::Result& result : results) {
        failed += result.verdict == testkit::Verdict::failed;
        skipped += result.verdict == testkit::Verdict::skipped;
        if (result.verdict == testkit::Verdict::passed || result.verdict == testkit::Verdict::not_concerned) continue;
        std::printf("%s  %s: %s\n    %s\n", result.verdict == testkit::Verdict::failed ? "FAILED " : "skipped", result.stage.c_str(),
                    result.check.c_str(), result.detail.c_str());
    }
    std::printf("%zu checks, %d failed, %d skipped\n", results.size(), failed, skipped);
    return failed ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const Arguments arguments = parse({argv + 1, argv + argc});
        return report(testkit::check_plugin(arguments.subject, arguments.options));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 64;
    }
}
