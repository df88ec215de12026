// Looks up stages, and words what parameters expect.
#include <embedloom/config/description.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>
#include <utility>

namespace embedloom::config {

namespace {

constexpr std::size_t compared_at_most = 64;  // characters; longer keys are no slips of the finger

/// Lower case, with '_' for '-': differences that are no differences.
std::string folded(std::string word) {
    for (char& c : word) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        if (c == '-') c = '_';
    }
    return word;
}

/// How many letters to add, drop, change or swap with the next one (Damerau-Levenshtein without repeated
/// edits).
std::size_t distance(const std::string& a, const std::string& b) {
    std::vector<std::vector<std::size_t>> table(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) table[i][0] = i;
    for (std::size_t j = 0; j <= b.size(); ++j) table[0][j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = table[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            table[i][j] = std::min({table[i - 1][j] + 1, table[i][j - 1] + 1, change});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                table[i][j] = std::min(table[i][j], table[i - 2][j - 2] + 1);
        }
    }
    return table[a.size()][b.size()];
}

std::string bound_text(Type type, double bound) {
    if (type == Type::share) return number_text(bound * 100) + " %";
    return type == Type::size ? size_text(static_cast<std::int64_t>(bound)) : number_text(bound);
}

/// " from 1 to 8"
std::string range_text(const Parameter& parameter) {
    const bool has_low = std::isfinite(parameter.minimum), has_high = std::isfinite(parameter.maximum);
    const bool ends_with_type = has_low && !has_high && parameter.type == Type::integer;
    return (has_low ? " from " + bound_text(parameter.type, parameter.minimum) : "") +
           (ends_with_type ? " to 2^63 - 1" : "") + (has_high ? (has_low ? " to " : " up to ") + bound_text(parameter.type, parameter.maximum) : "");
}

std::string example_text(Type type) {
    return type == Type::share ? ", as 1 % or 0.01" : type == Type::size ? ", as 64 KiB" : "";
}

std::string type_text(const Parameter& parameter) {
    switch (parameter.type) {
        case Type::boolean:
            return "true or false";
        case Type::integer:
            return "an integer";
        case Type::number:
            return "a number";
        case Type::share:
            return "a share";
        case Type::size:
            return "a size";
        case Type::text:
            return "text";
        case Type::choice:
            return joined(parameter.choices);
        case Type::path:
            return "the path of a file";
        case Type::directory:
            return "the path of a folder";
        case Type::files:
            return "a list of files, folders or globs";
        case Type::folders:
            return "a list of folders";
        case Type::texts:
            return "a list of texts";
        case Type::stage:
            return "a " + parameter.stage_kind + " stage, as {use: NAME}";
        case Type::stages:
            return "a list of " + parameter.stage_kind + " stages, as [{use: NAME}]";
        case Type::section:
            return "a map with " + joined(names_of(parameter.keys), "and");
    }
    return "";
}

}  // namespace

bool Catalogue::add(StageDescription stage) {
    if (find(stage.kind, stage.name)) return false;
    stages_.push_back(std::move(stage));
    return true;
}

const StageDescription* Catalogue::find(const std::string& kind, const std::string& name) const {
    for (const StageDescription& stage : stages_)
        if (stage.kind == kind && stage.name == name) return &stage;
    return nullptr;
}

std::vector<std::string> Catalogue::names(const std::string& kind) const {
    std::vector<std::string> out;
    for (const StageDescription& stage : stages_)
        if (stage.kind == kind) out.push_back(stage.name);
    std::sort(out.begin(), out.end());
    return out;
}

std::vector<std::string> Catalogue::kinds_of(const std::string& name) const {
    std::set<std::string> out;
    for (const StageDescription& stage : stages_)
        if (stage.name == name) out.insert(stage.kind);
    return {out.begin(), out.end()};
}

std::string joined(const std::vector<std::string>& words, const std::string& last) {
    std::string out;
    for (std::size_t i = 0; i < words.size(); ++i)
        out += (i == 0 ? "" : i + 1 == words.size() ? " " + last + " " : ", ") + words[i];
    return out;
}

std::vector<std::string> names_of(const std::vector<Parameter>& table) {
    std::vector<std::string> out;
    for (const Parameter& parameter : table) out.push_back(parameter.name);
    return out;
}

std::string expectation(const Parameter& parameter) {
    if (parameter.minimum == parameter.maximum) return bound_text(parameter.type, parameter.minimum);
    const std::string range = range_text(parameter);
    const bool has_unit = !parameter.unit.empty() && parameter.type != Type::size;
    std::string out = type_text(parameter) + range;
    if (has_unit) out += (range.empty() ? " of " : " ") + parameter.unit;
    out += example_text(parameter.type);
    if (parameter.type == Type::choice || parameter.choices.empty()) return out;
    return out + (parameter.choices.size() == 1 ? ", or " : ", ") + joined(parameter.choices);
}

std::string nearest(const std::string& word, const std::vector<std::string>& names) {
    if (word.empty() || word.size() > compared_at_most) return "";
    const std::string wanted = folded(word);
    std::string best;
    std::size_t least = std::max<std::size_t>(1, word.size() / 3) + 1;
    for (const std::string& name : names) {
        if (name.size() > compared_at_most) continue;
        const std::string other = folded(name);
        const bool is_start = std::min(wanted.size(), other.size()) >= 3 &&
                              (wanted.starts_with(other) || other.starts_with(wanted));
        const std::size_t apart =
            is_start ? std::min<std::size_t>(1, distance(wanted, other)) : distance(wanted, other);
        if (apart < least) {
            least = apart;
            best = name;
        }
    }
    return best;
}

std::string number_text(double value) {
    std::array<char, 40> buffer{};
    const bool is_whole = value == std::floor(value) && std::abs(value) < 1e15;
    const auto end =
        is_whole ? std::to_chars(buffer.data(), buffer.data() + buffer.size(), static_cast<long long>(value))
                 : std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    return {buffer.data(), end.ptr};
}

std::string size_text(std::int64_t bytes) {
    static constexpr std::array units{"", " KiB", " MiB", " GiB", " TiB"};
    std::size_t unit = 0;
    for (; bytes != 0 && bytes % 1024 == 0 && unit + 1 < units.size(); ++unit) bytes /= 1024;
    return std::to_string(bytes) + units[unit];
}

}  // namespace embedloom::config
