// Which checks a file gets, and what is made of how their processes end.
#include <embedloom/testkit/conformance.h>

#include <embedloom/base/error.h>
#include <embedloom/host/note.h>
#include <embedloom/testkit/checks.h>
#include <embedloom/testkit/child.h>

#include <stdlib.h>

namespace embedloom::testkit {

namespace {

namespace fs = std::filesystem;

/// A folder for all checks of a file, removed at the end also when a check died in it.
class WorkFolder {
  public:
    WorkFolder() {
        std::string name = (fs::temp_directory_path() / "embedloom-check-XXXXXX").string();
        if (!::mkdtemp(name.data())) throw base::Failure(base::Error{.code = base::Code::cannot_create, .source = name});
        path_ = name;
    }
    WorkFolder(const WorkFolder&) = delete;
    WorkFolder& operator=(const WorkFolder&) = delete;
    ~WorkFolder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    fs::path next() {
        const fs::path folder = path_ / std::to_string(count_++);
        fs::create_directories(folder);
        return folder;
    }

  private:
    fs::path path_;
    int count_ = 0;
};

Checks checks_of(const host::StageName& stage) {
    Checks checks = stage_checks(stage);
    const auto add = [&](Checks more) { checks.insert(checks.end(), more.begin(), more.end()); };
    switch (stage.kind) {
        case EL_KIND_SOURCE: add(source_checks(stage)); break;
        case EL_KIND_TOKENIZER: add(tokenizer_checks(stage)); break;
        case EL_KIND_SEGMENT: add(segment_checks(stage)); break;
        case EL_KIND_OBJECTIVE: add(objective_checks(stage)); break;
        case EL_KIND_POSITION: add(position_checks(stage)); break;
        case EL_KIND_TABLE: add(table_checks(stage)); break;
        case EL_KIND_SINK: add(sink_checks(stage)); break;
        default: break;
    }
    return checks;
}

// How a check's process answers: the first letter, then the reason.
constexpr char passed = '+', failed = '-', skipped = '?', not_concerned = '0';

Verdict verdict_of(char letter) {
    switch (letter) {
        case passed: return Verdict::passed;
        case skipped: return Verdict::skipped;
        case not_concerned: return Verdict::not_concerned;
        default: return Verdict::failed;
    }
}

std::string answer_of(const Check& check, const Subject& subject, const Options& options, const fs::path& folder) {
    try {
        Workshop workshop(subject, options, folder);
        check.body(workshop);
        return {passed};
    } catch (const Skipped& why) {
        return skipped + std::string(why.what());
    } catch (const NotConcerned& why) {
        return not_concerned + std::string(why.what());
    } catch (const std::exception& why) {
        return failed + std::string(why.what());
    }
}

Result judge(Result result, const Ending& ending) {
    if (!ending.is_whole) {
        result.verdict = Verdict::failed;
        result.detail = ending.accident + (ending.written.empty() ? "" : "; it wrote: " + ending.written);
    } else if (ending.answer.empty() || ending.answer[0] != passed) {
        result.verdict = verdict_of(ending.answer.empty() ? failed : ending.answer[0]);
        result.detail = ending.answer.substr(ending.answer.empty() ? 0 : 1);
    } else if (!ending.written.empty()) {
        result.verdict = Verdict::failed;
        result.detail = "wrote to standard output or error: " + ending.written.substr(0, 200);
    }
    return result;
}

/// Loads the file and looks for every stage that its note promises.
std::string load_all(const Subject& subject, const std::vector<host::StageName>& stages) {
    host::Registry registry({host::Folder{subject.file.parent_path(), "the plugin's own folder"}});
    for (const host::StageName& stage : stages) {
        if (registry.file_of(stage.kind, stage.name) != subject.file)
            return failed + ("another file of the folder has " + host::plugin_name(stage));
        if (!registry.find(stage.kind, stage.name)) return failed + ("no " + host::plugin_name(stage));
    }
    return {passed};
}

}  // namespace

std::vector<Result> check_plugin(const Subject& asked, const Options& options) {
    Subject subject = asked;
    subject.file = fs::canonical(asked.file);
    const std::string file = subject.file.filename().string();
    std::vector<Result> results;
    const host::Look look = host::look_at_file(subject.file.string());
    results.push_back({file, "says in its note what it has, for this machine and ABI"});
    if (look.verdict != host::Look::Verdict::plugin) {
        results[0].verdict = Verdict::failed;
        results[0].detail = base::one_line(look.error);
        return results;
    }
    results.push_back(judge({file, "can be loaded, with declarations that are whole"},
                            run_child([&] { return load_all(subject, look.note.stages); }, options.limit)));
    if (results.back().verdict != Verdict::passed) return results;
    WorkFolder work;
    for (const host::StageName& stage : look.note.stages)
        for (const Check& check : checks_of(stage)) {
            if (!check.claim.starts_with(options.only)) continue;
            const fs::path folder = work.next();
            const std::string name = std::string(host::kind_name(stage.kind)) + "/" + stage.name;
            results.push_back(judge({name, check.claim}, run_child([&] { return answer_of(check, subject, options, folder); },
                                                                    options.limit)));
        }
    return results;
}

}  // namespace embedloom::testkit
