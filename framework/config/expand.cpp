// `${NAME}`: replaces environment variables in scalars, and says which are missing and where.
#include <embedloom/config/override.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace embedloom::config {

namespace {

constexpr std::size_t bytes_at_most = std::size_t{16} << 20;  // of all texts together, after expansion

bool is_name(std::string_view name) {
    const auto is_letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    const auto is_word = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); };
    return !name.empty() && is_letter(name[0]) && std::all_of(name.begin(), name.end(), is_word);
}

/// Within { } and [ ] YAML wants quotes around it: they cannot mean that its value is text.
bool is_one_variable(std::string_view text) {
    return text.starts_with("${") && text.find('}') == text.size() - 1;
}

/// One walk over the tree. Keeps the path of where it is, for messages.
class Expander {
  public:
    Expander(const Environment& environment, Mistakes& mistakes)
        : environment_(environment), mistakes_(mistakes) {}

    void walk(Node& node, const std::string& path) {
        if (node.kind == Kind::scalar && node.text.find("${") != std::string::npos) expand(node, path);
        const auto below = [&](const std::string& step) { return path.empty() ? step : path + "." + step; };
        for (std::size_t i = 0; i < node.items.size(); ++i) walk(node.items[i], below(std::to_string(i)));
        for (Entry& entry : node.entries) walk(entry.value, below(entry.key));
    }

  private:
    void expand(Node& node, const std::string& path) {
        if (is_one_variable(node.text)) node.is_plain = true;
        std::string out;
        std::string_view rest = node.text;
        while (!rest.empty()) {
            const std::size_t dollar = rest.find("${");
            const bool is_escaped = dollar != std::string_view::npos && dollar > 0 && rest[dollar - 1] == '$';
            out += rest.substr(0, is_escaped ? dollar - 1 : dollar);
            if (dollar == std::string_view::npos) break;
            rest.remove_prefix(dollar + 2);
            const std::size_t brace = is_escaped ? 0 : rest.find('}');
            out += is_escaped ? "${"
                              : value_of(rest.substr(0, brace), brace != std::string_view::npos, node, path);
            if (!is_escaped) rest.remove_prefix(std::min(brace, rest.size() - 1) + 1);
            if (bytes_ + out.size() > bytes_at_most) return refuse_size(node, path);
        }
        bytes_ += out.size();
        node.text = std::move(out);
    }

    void refuse_size(Node& node, const std::string& path) {
        if (!is_full_)
            tell(node,
                 {.key_path = path, .found = "more than 16 MiB of text from variables", .expected = "less"});
        is_full_ = node.is_told = true;
    }

    std::string value_of(std::string_view name, bool is_closed, Node& node, const std::string& path) {
        const std::string written = std::string(name);
        if (!is_closed || !is_name(name)) {
            tell(node, {.key_path = path,
                        .found = in_quotes("${" + written + (is_closed ? "}" : "")),
                        .expected = "${NAME}",
                        .hint = "write $${ for a plain ${"});
            return "";
        }
        if (auto value = environment_(name)) return *std::move(value);
        tell(node, {.key_path = path,
                    .found = "${" + written + "}, which is not set in the environment",
                    .expected = "a value",
                    .hint = "export " + written + "=..., or write the value here"});
        return "";
    }

    void tell(Node& node, base::Error error) {
        mistakes_.add(node.mark, std::move(error));
        node.is_told = true;
    }

    bool is_full_ = false;
    const Environment& environment_;
    Mistakes& mistakes_;
    std::size_t bytes_ = 0;
};

}  // namespace

std::optional<std::string> process_environment(std::string_view name) {
    const char* value = std::getenv(std::string(name).c_str());
    return value ? std::optional<std::string>(value) : std::nullopt;
}

void expand_environment(Node& root, const Environment& environment, Mistakes& mistakes) {
    Expander(environment, mistakes).walk(root, "");
}

}  // namespace embedloom::config
