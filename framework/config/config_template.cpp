// A commented config to fill in, from the tables of the core and of the stages that were asked for.
#include <embedloom/config/generate.h>
#include <embedloom/config/schema.h>
#include <embedloom/config/tree.h>

#include <map>
#include <set>
#include <utility>

namespace embedloom::config {

namespace {

constexpr std::size_t width = 110;

base::Failure refused(const std::string& argument, base::Error error) {
    error.code = base::Code::usage;
    error.key_path = argument;
    return base::Failure(std::move(error));
}

/// Writes keys with their meaning. Lines that are commented out start with '#' alone, so that taking it away
/// is enough.
class TemplateWriter {
  public:
    TemplateWriter(const Catalogue& catalogue, std::map<std::string, std::string> stages)
        : catalogue_(catalogue), stages_(std::move(stages)) {}

    /// Where a table stands: its path, how far in, and whether what must be given is written out there.
    struct Place {
        std::string path;
        std::size_t depth = 0;
        bool is_on = true;
    };

    std::string table(const std::vector<Parameter>& parameters, const Place& place) {
        std::string out;
        for (const Parameter& parameter : parameters) {
            if (place.depth == 0) out += "\n";
            const std::string path = place.path.empty() ? parameter.name : place.path + "." + parameter.name;
            out += key(parameter, {path, place.depth, place.is_on});
        }
        return out;
    }

    /// The stages that were asked for where there is no place for them.
    void refuse_unplaced() const {
        for (const auto& [path, name] : stages_)
            if (!placed_.contains(path))
                throw refused(path + "=" + name, {.found = "no stage at " + in_quotes(path),
                                                  .expected = joined(names_),
                                                  .hint = nearest_hint(path)});
    }

  private:
    std::string key(const Parameter& parameter, const Place& place) {
        const std::string indent(2 * place.depth, ' ');
        const bool is_stage = parameter.type == Type::stage;
        const bool is_live = place.is_on && parameter.is_required;
        if (is_stage) names_.push_back(place.path);
        const std::string doc = wrapped(parameter.doc, width, indent + "# ");
        if (parameter.type == Type::section) return doc + section(parameter, place);
        if (is_stage && (is_live || stages_.contains(place.path))) return doc + stage(parameter, place);
        return doc + indent + (is_live ? "" : "#") + parameter.name + ": " + value(parameter) + "\n";
    }

    std::string value(const Parameter& parameter) const {
        if (parameter.type == Type::stage || parameter.type == Type::stages) {
            const std::vector<std::string> names = catalogue_.names(parameter.stage_kind);
            const std::string use = "{use: " + base::json_quote("<" + joined(names) + ">") + "}";
            if (parameter.type == Type::stage) return use;
            return names.empty() ? "[]" : "[]  # of " + use;
        }
        if (parameter.minimum == parameter.maximum) return number_text(parameter.minimum);
        if (!parameter.fallback) return base::json_quote("<" + expectation(parameter) + ">");
        const bool is_text = parameter.type == Type::text;
        return (is_text ? base::json_quote(*parameter.fallback) : *parameter.fallback) + "  # " +
               expectation(parameter);
    }

    std::string section(const Parameter& parameter, const Place& place) {
        const auto inside = stages_.lower_bound(place.path + ".");
        const bool is_wanted = inside != stages_.end() && inside->first.starts_with(place.path + ".");
        const bool is_there = parameter.is_required || parameter.fallback;
        const std::string below =
            table(parameter.keys, {place.path, place.depth + 1, is_wanted || (place.is_on && is_there)});
        return std::string(2 * place.depth, ' ') + (has_live_line(below) ? "" : "#") + parameter.name +
               ":\n" + below;
    }

    std::string stage(const Parameter& parameter, const Place& place) {
        const std::string indent(2 * place.depth, ' ');
        const std::vector<std::string> names = catalogue_.names(parameter.stage_kind);
        const auto chosen = stages_.find(place.path);
        placed_.insert(place.path);
        if (chosen == stages_.end())
            return indent + parameter.name + ":\n" + indent +
                   "  use: " + base::json_quote("<" + joined(names) + ">") + "\n";
        const StageDescription* found = catalogue_.find(parameter.stage_kind, chosen->second);
        if (!found) {
            const std::string near = nearest(chosen->second, names);
            throw refused(place.path + "=" + chosen->second,
                          {.found = in_quotes(chosen->second),
                           .expected = joined(names),
                           .hint = near.empty() ? "" : "did you mean '" + near + "'?"});
        }
        const Place below{place.path, place.depth + 1, true};
        return indent + parameter.name + ":\n" + indent + "  use: " + found->name + "  # " + found->summary +
               "\n" + table(found->parameters, below) + table(parameter.keys, below);
    }

    static bool has_live_line(const std::string& lines) {
        for (std::size_t i = 0; i < lines.size(); i = lines.find('\n', i) + 1)
            if (lines[lines.find_first_not_of(' ', i)] != '#') return true;
        return false;
    }

    std::string nearest_hint(const std::string& path) const {
        const std::string near = nearest(path, names_);
        return near.empty() ? "" : "did you mean '" + near + "'?";
    }

    const Catalogue& catalogue_;
    std::map<std::string, std::string> stages_;
    std::set<std::string> placed_;
    std::vector<std::string> names_;  // the paths where a stage may be
};

}  // namespace

std::string config_template(const Catalogue& catalogue, const std::vector<std::string>& stages) {
    std::map<std::string, std::string> wanted;
    for (const std::string& argument : stages) {
        const std::size_t equals = argument.find('=');
        if (equals == std::string::npos || equals == 0 || equals + 1 == argument.size())
            throw refused(argument,
                          {.found = in_quotes(argument), .expected = "STAGE=NAME, as tokenizer=wordpiece"});
        wanted[argument.substr(0, equals)] = argument.substr(equals + 1);
    }
    TemplateWriter writer(catalogue, std::move(wanted));
    const std::string body = writer.table(top_level(), {});
    writer.refuse_unplaced();
    return "# A config of Embedloom. Fill in \"<...>\"; take the # away from a key to change its default.\n" +
           body;
}

}  // namespace embedloom::config
