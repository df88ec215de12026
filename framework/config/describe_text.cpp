// Help for one stage, as `embedloom describe` prints it.
#include <embedloom/base/utf8.h>
#include <embedloom/config/generate.h>

#include <algorithm>

namespace embedloom::config {

namespace {

constexpr std::size_t page_width = 100;

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), base::starts_character));
}

void append_line(std::string& out, const std::string& indent, const std::string& line) {
    if (!line.empty()) out += indent + line + "\n";
}

}  // namespace

std::string wrapped(const std::string& text, std::size_t columns, const std::string& indent) {
    std::string out, line;
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t end = std::min(text.find_first_of(" \n", i), text.size());
        const std::string word = text.substr(i, end - i);
        if (!line.empty() && characters(indent + line) + 1 + characters(word) > columns) {
            append_line(out, indent, line);
            line.clear();
        }
        line += (line.empty() || word.empty() ? "" : " ") + word;
        if (end < text.size() && text[end] == '\n') {
            append_line(out, indent, line);
            line.clear();
        }
        i = end + 1;
    }
    append_line(out, indent, line);
    return out;
}

std::string presence(const Parameter& parameter) {
    if (parameter.is_required) return "required";
    return parameter.fallback ? "default " + *parameter.fallback : "optional";
}

std::string describe_text(const StageDescription& stage) {
    std::string out =
        stage.kind + "/" + stage.name + " " + stage.version + "\n" + wrapped(stage.summary, page_width, "  ");
    if (!stage.doc.empty()) out += "\n" + wrapped(stage.doc, page_width, "  ");
    out += stage.parameters.empty() ? "\nIt has no parameters.\n" : "\nParameters\n";
    for (const Parameter& parameter : stage.parameters) {
        out += "  " + parameter.name + " (" + presence(parameter) + "): " + expectation(parameter) + "\n";
        out += wrapped(parameter.doc, page_width, "      ");
    }
    return out;
}

}  // namespace embedloom::config
