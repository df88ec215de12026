// Turns a node tree into a Spec by tables of parameters, and notes every mistake on the way.
#pragma once

#include <embedloom/config/description.h>
#include <embedloom/config/paths.h>
#include <embedloom/config/spec.h>
#include <embedloom/config/tree.h>

#include <set>

namespace embedloom::config {

/// One use for one document. [main]
class Checker {
  public:
    Checker(const Catalogue& catalogue, const Folders& folders, Mistakes& mistakes)
        : catalogue_(catalogue), folders_(folders), mistakes_(mistakes) {}

    /// What the parts of a config have in common on the way down.
    struct Place {
        std::string path;  ///< "" at the top
        Mark mark;
        bool keeps_rows = false;
    };

    /// The values of `table` as the map `node` gives them. A node that is no map gives defaults: whoever has it
    /// tells that it is a mistake.
    Section section(const std::vector<Parameter>& table, const Node& node, const Place& place);

  private:
    Value value(const Parameter& parameter, const Node* node, const Place& parent);
    void fill_or_report(const Parameter& parameter, const Node* node, const Place& parent, Value& value);
    void fill(const Parameter& parameter, const Node& node, const Place& place, Value& value);
    void fill_list(const Parameter& parameter, const Node& node, Value& value);
    void fill_files(const Node& node, Value& value, std::vector<std::string> entries);
    void fill_path(const Parameter& parameter, const Node& node, Value& value);
    void fill_section(const Parameter& parameter, const Node& node, const Place& place, Value& value);
    void fill_stages(const Parameter& parameter, const Node& node, const Place& place, Value& value);
    void fill_stage(const Parameter& parameter, const Node& node, const Place& place, Value& value);
    const StageDescription* find_stage(const std::string& kind, const Node& use, const std::string& path);
    std::set<std::string> report_unknown(const std::vector<Parameter>& table, const Node& node,
                                         const Place& place);
    void report_missing(const Parameter& parameter, const Place& place);
    std::vector<std::string> texts_of(const Parameter& parameter, const Node& node, Value& value);

    const Catalogue& catalogue_;
    Folders folders_;
    Mistakes& mistakes_;
};

}  // namespace embedloom::config
