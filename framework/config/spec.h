// A checked config: typed values, each with the place it was written at, so that later checks can point
// there.
#pragma once

#include <embedloom/config/description.h>
#include <embedloom/config/mark.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace embedloom::config {

struct Section;

/// The value of one parameter. Unset: `data` holds nothing and there are no `sections`.
struct Value {
    std::string name;
    std::string path;  ///< "segment.max_length"
    Type type = Type::text;
    Mark mark;                ///< of the value; of the map it belongs to where it is the default or unset
    bool is_default = false;  ///< not written in the config
    bool keeps_rows = false;  ///< it, or what it belongs to, can change no row
    std::variant<std::monostate, bool, std::int64_t, double, std::string, std::vector<std::string>> data;
    std::vector<Mark> item_marks;   ///< files, folders, texts: of the items as written
    std::vector<std::string> folders;  ///< files: the folders among them that were looked through
    std::vector<Section> sections;  ///< stage, section: one; stages: any number

    bool is_set() const { return data.index() != 0 || !sections.empty(); }
    /// integer, size: a word stands instead of the number, as `auto`.
    bool is_word() const { return std::holds_alternative<std::string>(data); }
};

/// A map of a config with its values in the order of the table that describes them: a stage (then `kind` and
/// `use` say of which plugin) or a part of the core such as `batch`. Asking for a name that the table does
/// not have, or for another type than it has, is a bug and throws base::Failure (internal). [any-thread]
struct Section {
    std::string kind;     ///< "tokenizer"; empty for a part of the core
    std::string use;      ///< "wordpiece"
    std::string version;  ///< of the plugin's stage
    std::string path;     ///< "embedding.token"
    Mark mark;            ///< of the map
    std::vector<Value> values;

    const Value& at(std::string_view name) const;
    bool has(std::string_view name) const { return at(name).is_set(); }
    bool boolean(std::string_view name) const;
    std::int64_t integer(std::string_view name) const;  ///< also a size, in bytes
    double number(std::string_view name) const;         ///< also a share, from 0 to 1
    const std::string& text(std::string_view name) const;
    const std::vector<std::string>& list(std::string_view name) const;
    /// The section of a stage or section parameter; null where it is unset.
    const Section* section(std::string_view name) const;
    /// The number, or nothing where a word such as `auto` stands (or the value is unset).
    std::optional<std::int64_t> integer_or_word(std::string_view name) const;
};

/// A whole checked config.
struct Spec {
    std::string file;    ///< as it was named
    std::string folder;  ///< absolute: what paths are relative to
    Section root;

    const Section& source() const { return *root.section("source"); }
    std::span<const Section> prepare() const { return root.at("prepare").sections; }
    const Section& tokenizer() const { return *root.section("tokenizer"); }
    const Section& segment() const { return *root.section("segment"); }
    const Section* objective() const { return root.section("objective"); }
    const Section* position() const {
        return root.section("position");
    }  ///< what a number means; its `ids`: the policy
    const Section* embedding() const { return root.section("embedding"); }
    const Section& batch() const { return *root.section("batch"); }
    const Section& run() const { return *root.section("run"); }
    const Section* sink() const { return root.section("sink"); }
};

/// An error about a value, with its place and path: `error_at(value, {.found = "30522 rows", .expected =
/// ...})`.
base::Error error_at(const Value& value, base::Error error);
base::Error error_at(const Section& section, base::Error error);

/// The value as YAML writes it: "512", "\"a b\"", "[a, b]", "64 KiB", "wordpiece 1.0.0" for a stage.
std::string value_text(const Value& value);

/// What to_canonical_text() takes in.
enum class Part {
    all,       ///< every value
    rows_only  ///< what can change a row; files and paths stand as "<digest>", which who opens them adds to
               ///< the fingerprint
};

/// Every value that is set, defaults included, a line each as "path = value", in the order of the tables.
/// Equal configs give equal text however they are written.
std::string to_canonical_text(const Spec& spec, Part part = Part::all);

}  // namespace embedloom::config
