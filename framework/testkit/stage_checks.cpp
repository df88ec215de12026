// What every stage must keep, whatever its kind: its parameter table, its files, and the process it is a guest in.
#include <embedloom/base/error.h>
#include <embedloom/host/kind.h>
#include <embedloom/testkit/checks.h>
#include <embedloom/testkit/surroundings.h>

#include <cmath>
#include <fstream>
#include <random>

namespace embedloom::testkit {

namespace {

using host::StageName;
using host::Value;

/// Makes a stage from values that may be refused: then with config, data or input at fault, for a reason that blames a
/// parameter or names a file.
void expect_made_or_refused(Workshop& workshop, const el_stage& stage, std::vector<Value> values, const std::string& what) {
    try {
        workshop.make(stage, std::move(values));
    } catch (const base::Failure& failure) {
        for (const base::Error& error : failure.errors()) {
            expect(error.code != base::Code::internal, what + ": " + base::one_line(error));
            expect(!error.found.empty() || !error.expected.empty() || !error.hint.empty(), what + ": refused without a reason");
            expect(!error.key_path.empty() || !error.source.empty(), what + ": blames no parameter: " + base::one_line(error));
        }
    }
}

void check_documentation(Workshop& workshop, const StageName& name) {
    const el_stage& stage = workshop.stage(name);
    for (std::uint32_t p = 0; p < stage.parameter_count; ++p)
        expect(stage.parameters[p].doc.size > 0, "parameter '" + std::string(host::view_of(stage.parameters[p].name)) + "' has none");
}

void check_bounds(Workshop& workshop, const StageName& name) {
    constexpr double modest = 65536;  // larger bounds cost more memory and time than a check may
    const el_stage& stage = workshop.stage(name);
    const std::vector<Value> good = workshop.values(stage);
    for (std::uint32_t p = 0; p < stage.parameter_count; ++p) {
        const el_parameter& parameter = stage.parameters[p];
        const std::string key(host::view_of(parameter.name));
        const auto attempt = [&](Value value, const std::string& text) {
            std::vector<Value> values = good;
            values[p] = std::move(value);
            expect_made_or_refused(workshop, stage, std::move(values), key + ": " + text);
        };
        for (const double bound : {parameter.minimum, parameter.maximum}) {
            if (!std::isfinite(bound) || std::abs(bound) > modest) continue;
            if (parameter.type == EL_PARAMETER_NUMBER) attempt(bound, std::to_string(bound));
            if (parameter.type == EL_PARAMETER_INTEGER || parameter.type == EL_PARAMETER_SIZE)
                attempt(static_cast<std::int64_t>(bound), std::to_string(bound));
        }
        for (std::uint32_t c = 0; c < parameter.choice_count && parameter.type == EL_PARAMETER_CHOICE; ++c)
            attempt(std::string(host::view_of(parameter.choices[c])), std::string(host::view_of(parameter.choices[c])));
        if (parameter.type == EL_PARAMETER_BOOLEAN)
            for (const bool truth : {false, true}) attempt(truth, truth ? "true" : "false");
        if (parameter.type == EL_PARAMETER_TEXT)
            for (const std::string& text : {std::string(), std::string("\0\xFF$", 3), std::string(5000, 'x')})
                attempt(text, "a text of " + std::to_string(text.size()) + " bytes");
    }
}

/// Runs `body` for each parameter that is a file, with its setting.
void for_each_path(Workshop& workshop, const StageName& name,
                   const std::function<void(std::vector<Value>, std::uint32_t, const std::string&)>& body) {
    const el_stage& stage = workshop.stage(name);
    const std::vector<Value> good = workshop.values(stage);
    bool is_any = false;
    for (std::uint32_t p = 0; p < stage.parameter_count; ++p)
        if (const auto* path = std::get_if<std::string>(&good[p]); path && stage.parameters[p].type == EL_PARAMETER_PATH) {
            is_any = true;
            body(good, p, *path);
        }
    if (!is_any) throw NotConcerned("no parameter is a file");
}

void check_missing_file(Workshop& workshop, const StageName& name) {
    for_each_path(workshop, name, [&](std::vector<Value> values, std::uint32_t p, const std::string&) {
        const el_stage& stage = workshop.stage(name);
        const std::string key = std::string(host::kind_name(stage.kind)) + "." + std::string(host::view_of(stage.parameters[p].name));
        values[p] = (workshop.folder() / "not there").string();
        try {
            workshop.make(stage, std::move(values));
        } catch (const base::Failure& failure) {
            expect(failure.first().code == base::Code::no_input, "another code: " + base::one_line(failure.first()));
            return expect(failure.first().key_path == key, "blames '" + failure.first().key_path + "', not '" + key + "'");
        }
        throw Unmet(key + ": made without its file");
    });
}

/// An empty file, noise, and the right file cut off and damaged in many places. Seed 7.
std::vector<std::string> damaged(const std::string& good) {
    std::mt19937 random(7);
    std::vector<std::string> out{"", "\n", std::string(1, '\0')};
    for (const std::size_t size : {16, 4096}) {
        std::string noise(size, '\0');
        for (char& byte : noise) byte = static_cast<char>(random());
        out.push_back(noise);
    }
    for (int i = 0; i < 24; ++i) out.push_back(good.substr(0, good.empty() ? 0 : random() % good.size()));
    for (int i = 0; i < 48 && !good.empty(); ++i) {
        std::string copy = good;
        for (int change = 0; change <= i % 4; ++change)
            copy[random() % std::min<std::size_t>(copy.size(), i % 2 ? 64 : copy.size())] = static_cast<char>(random());
        out.push_back(copy);
    }
    return out;
}

void check_damaged_file(Workshop& workshop, const StageName& name) {
    for_each_path(workshop, name, [&](const std::vector<Value>& values, std::uint32_t p, const std::string& path) {
        std::ifstream in(path, std::ios::binary);
        const std::string good{std::istreambuf_iterator<char>(in), {}};
        int number = 0;
        for (const std::string& content : damaged(good)) {
            std::vector<Value> changed = values;
            changed[p] = (workshop.folder() / ("damaged-" + std::to_string(number++))).replace_extension(
                std::filesystem::path(path).extension()).string();
            std::ofstream(std::get<std::string>(changed[p]), std::ios::binary) << content;
            expect_made_or_refused(workshop, workshop.stage(name), std::move(changed), "damaged file " + std::to_string(number));
        }
    });
}

void check_surroundings(Workshop& workshop, const StageName& name) {
    const auto once = [&] { workshop.make(name); };
    once();  // what is opened once and kept, as the library itself, is no leak
    const Surroundings before = look_around();
    once();
    const std::string difference = difference_of(before, look_around());
    expect(difference.empty(), difference);
}

}  // namespace

Checks stage_checks(const StageName& name) {
    return {{"every parameter has a doc", [=](Workshop& workshop) { check_documentation(workshop, name); }},
            {"is made from its settings and defaults", [=](Workshop& workshop) { workshop.make(name); }},
            {"is made at every bound, choice and odd text, or refuses it by name",
             [=](Workshop& workshop) { check_bounds(workshop, name); }},
            {"a file that is not there is refused by the name of its parameter",
             [=](Workshop& workshop) { check_missing_file(workshop, name); }},
            {"a damaged file is refused with a reason, or read", [=](Workshop& workshop) { check_damaged_file(workshop, name); }},
            {"leaves locale, umask, folder, signals, environment, rounding, threads and files as they were",
             [=](Workshop& workshop) { check_surroundings(workshop, name); }}};
}

}  // namespace embedloom::testkit
