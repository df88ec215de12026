// Builds the node tree from the YAML parser's events, and refuses what the parser lets pass.
#pragma once

#include <embedloom/config/source_text.h>
#include <embedloom/config/tree.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include <map>
#include <optional>
#include <set>
#include <unordered_map>

namespace embedloom::config {

/// Thrown by the builder to end the parse: the mistake is noted already.
struct ParseStopped {};

/// One use for one document. `text` is the cleaned text, and outlives the builder.
class TreeBuilder : public YAML::EventHandler {
  public:
    TreeBuilder(std::string_view text, const Mark& start, const Limits& limits, Mistakes& mistakes);

    bool has_document() const { return documents_ > 0; }
    Node take_root() { return std::move(root_); }
    /// "embedding.norm" where the parse stands now.
    std::string path() const;
    Mark mark(const YAML::Mark& place) const;
    /// Whether the line of `place` is indented with a tab; notes it as a mistake, once a line.
    bool is_tabbed(const YAML::Mark& place);

    void OnDocumentStart(const YAML::Mark& place) override;
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& place, YAML::anchor_t anchor) override;
    void OnAlias(const YAML::Mark& place, YAML::anchor_t anchor) override;
    void OnScalar(const YAML::Mark& place, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override;
    void OnSequenceStart(const YAML::Mark& place, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value style) override;
    void OnSequenceEnd() override { leave(); }
    void OnMapStart(const YAML::Mark& place, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value style) override;
    void OnMapEnd() override { leave(); }

  private:
    struct Frame {  // a list or map that is not finished
        Node node;
        YAML::anchor_t anchor = 0;
        bool is_key = false;  // the list or map stands where a key should
        std::optional<Entry> pending;
        std::unordered_map<std::string, std::uint64_t> line_of_key;
    };

    void enter(Kind kind, const YAML::Mark& place, const std::string& tag, YAML::anchor_t anchor);
    void leave();
    void place_value(Node node, YAML::anchor_t anchor);
    void place_key(const Node& node);
    void attach(Node node);
    bool wants_key() const;
    bool check_tag(const YAML::Mark& place, const std::string& tag);
    void check_quotes(const YAML::Mark& place);
    void count(std::size_t nodes, const Mark& place);
    [[noreturn]] void stop(const Mark& place, base::Error error);
    std::size_t byte_of(const YAML::Mark& place) const;
    std::size_t byte_of_value(const YAML::Mark& place) const;

    std::string_view text_;
    Mark start_;
    Limits limits_;
    Mistakes& mistakes_;
    TextIndex index_;
    Node root_;
    std::vector<Frame> frames_;
    std::map<YAML::anchor_t, Node> anchored_;
    std::set<std::uint64_t> tabbed_lines_;
    std::size_t documents_ = 0, nodes_ = 0, aliases_ = 0;
};

}  // namespace embedloom::config
