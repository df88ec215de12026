// Rows as small tables: a column a token, a line a tensor, broken where the terminal ends.
#include <embedloom/cli/show.h>
#include <embedloom/cli/text_width.h>
#include <embedloom/run/line_of.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

namespace embedloom::cli {

namespace {

constexpr std::size_t widest_token = 16;

/// ANSI colours by meaning.
struct Paint {
    Colour colour;
    std::string operator()(const char* code, const std::string& text) const {
        return colour == Colour::on && !text.empty() ? "\x1b[" + std::string(code) + "m" + text + "\x1b[0m" : text;
    }
};
constexpr const char *dim = "2", *bold = "1", *first_text = "36", *second_text = "35", *target = "1;33";

/// The path as a person in this folder would write it.
std::string near_path(std::string_view file) {
    std::error_code error;
    const std::filesystem::path here = std::filesystem::current_path(error), path(file);
    const std::filesystem::path relative = path.lexically_relative(here);
    return error || relative.empty() || *relative.begin() == ".." ? path.string() : relative.string();
}

/// The number at an index of a tensor, as text.
std::string text_at(const run::Tensor& tensor, std::uint64_t index) {
    const run::Number number = run::number_at(tensor, index);
    if (const auto* integer = std::get_if<std::int64_t>(&number)) return std::to_string(*integer);
    char text[32];
    std::snprintf(text, sizeof text, "%.3f", std::get<double>(number));
    return text;
}

/// One line of a row's table: its name and a cell for each token.
struct Line {
    std::string name;
    std::vector<std::string> cells;
};

/// Short names, so that the table starts early.
std::string short_name(const std::string& name) {
    struct Short {
        const char *name, *text;
    };
    constexpr Short shorts[] = {{"input_ids", "id"},         {"token_type_ids", "segment"}, {"attention_mask", "mask"},
                                {"position_ids", "position"}, {"labels", "label"},           {"special_tokens_mask", "special"},
                                {"sequence_ids", "text"},     {"offset_mapping", "bytes"},   {"embeddings", "vector"},
                                {"word_embeddings", "word"}};
    for (const Short& known : shorts)
        if (name == known.name) return known.text;
    return name;
}

/// Lines of one tensor for one row. Offsets take two, vectors at most `most`.
std::vector<Line> lines_of(const run::Tensor& tensor, std::uint32_t row, std::uint32_t most) {
    const std::uint64_t length = tensor.shape[1], width = tensor.shape.size() > 2 ? tensor.shape[2] : 1;
    const bool is_vector = tensor.shape.size() > 2 && (tensor.dtype == EL_F32 || tensor.dtype == EL_F16 || tensor.dtype == EL_BF16);
    std::vector<Line> lines;
    for (std::uint64_t part = 0; part < (is_vector ? std::min<std::uint64_t>(width, most) : width); ++part) {
        Line line{part == 0 ? short_name(tensor.name) : "", {}};
        for (std::uint64_t token = 0; token < length; ++token) {
            const std::string number = text_at(tensor, (row * length + token) * width + part);
            line.cells.push_back(tensor.name == "labels" && number == "-100" ? "\u00B7" : number);
        }
        lines.push_back(std::move(line));
    }
    return lines;
}

class RowTable {
  public:
    RowTable(const run::Batch& batch, const run::Session& session, const ShowOptions& options)
        : batch_(batch), session_(session), options_(options), paint_{options.colour} {}

    std::string text(std::uint32_t row) {
        row_ = row;
        collect();
        std::string out = title();
        const std::uint32_t tokens = batch_.row_lengths[row];
        const std::size_t begin = batch_.pad_side == run::PadSide::left ? batch_.length - tokens : 0;
        std::size_t at = begin;
        while (at < begin + tokens) out += block(at, begin + tokens);
        const std::uint32_t pads = batch_.length - tokens;
        if (pads) out += paint_(dim, "  and " + std::to_string(pads) + " pads") + "\n";
        return out + "\n";
    }

  private:
    void collect() {
        lines_.clear();
        std::vector<std::uint32_t> ids(batch_.length, 0);
        if (const run::Tensor* tensor = batch_.find("input_ids")) {
            for (std::uint32_t i = 0; i < batch_.length; ++i)
                ids[i] = static_cast<std::uint32_t>(std::stoll(text_at(*tensor, std::uint64_t{row_} * batch_.length + i)));
            Line line{"token", session_.pieces(ids)};
            for (std::string& cell : line.cells) cell = cut_to(printable(cell), widest_token);
            lines_.push_back(std::move(line));
        }
        for (const run::Tensor& tensor : batch_.tensors) {
            if (tensor.shape.size() < 2) continue;
            for (Line& line : lines_of(tensor, row_, options_.vector)) lines_.push_back(std::move(line));
        }
    }

    std::string title() const {
        const run::Origin& origin = batch_.origins[row_];
        std::string out = paint_(bold, "row " + std::to_string(row_)) + "  " + printable(near_path(origin.file));
        if (const auto line = run::line_of(origin))
            out += ":" + std::to_string(*line);
        out += paint_(dim, "  byte " + std::to_string(origin.byte));
        if (origin.epoch) out += paint_(dim, "  epoch " + std::to_string(origin.epoch));
        for (const run::Tensor& tensor : batch_.tensors)
            if (tensor.shape.size() == 1) out += "  " + short_name(tensor.name) + " " + paint_(target, text_at(tensor, row_));
        return out + "\n";
    }

    /// As many tokens from `at` on as fit the terminal.
    std::string block(std::size_t& at, std::size_t end) const {
        std::size_t names = 0;
        for (const Line& line : lines_) names = std::max(names, text_width(line.name));
        std::vector<std::size_t> widths;
        std::size_t used = names + 2, first = at;
        for (; at < end; ++at) {
            std::size_t width = 1;
            for (const Line& line : lines_) width = std::max(width, text_width(line.cells[at]));
            if (used + width + 2 > options_.columns && at > first) break;
            used += width + 2;
            widths.push_back(width);
        }
        std::string out;
        for (const Line& line : lines_) {
            out += "  " + paint_(dim, padded(line.name, names, Align::left));
            for (std::size_t i = 0; i < widths.size(); ++i) out += "  " + cell(line, first + i, widths[i]);
            out += "\n";
        }
        return out + "\n";
    }

    std::string cell(const Line& line, std::size_t token, std::size_t width) const {
        const std::string text = padded(line.cells[token], width, Align::right);
        if (line.name == "label" && line.cells[token] != "\u00B7") return paint_(target, text);
        if (line.name != "token") return paint_(dim, text);
        const run::Tensor* segments = batch_.find("token_type_ids");
        const bool second = segments && text_at(*segments, std::uint64_t{row_} * batch_.length + token) != "0";
        return paint_(second ? second_text : first_text, text);
    }

    const run::Batch& batch_;
    const run::Session& session_;
    const ShowOptions& options_;
    Paint paint_;
    std::uint32_t row_ = 0;
    std::vector<Line> lines_;
};

}  // namespace

std::string show(const run::Batch& batch, const run::Session& session, const ShowOptions& options) {
    const Paint paint{options.colour};
    std::uint64_t tokens = 0;
    for (const std::uint32_t length : batch.row_lengths) tokens += length;
    const std::uint64_t all = std::uint64_t{batch.rows} * batch.length;
    std::string out = paint(bold, "step " + std::to_string(batch.step)) + "  " + std::to_string(batch.rows) + " rows of " +
                      std::to_string(batch.length) + ", " + std::to_string(tokens) + " tokens, " +
                      std::to_string(all ? (all - tokens) * 100 / all : 0) + " % pads\n";
    for (const run::Tensor& tensor : batch.tensors) {
        out += "  " + padded(tensor.name, 20, Align::left) + " " + run::dtype_name(tensor.dtype) + " [";
        for (std::size_t axis = 0; axis < tensor.shape.size(); ++axis)
            out += (axis ? ", " : "") + std::to_string(tensor.shape[axis]);
        out += "]\n";
    }
    out += "\n";
    RowTable table(batch, session, options);
    for (std::uint32_t row = 0; row < std::min(options.rows, batch.rows); ++row) out += table.text(row);
    if (batch.rows > options.rows)
        out += paint(dim, "and " + std::to_string(batch.rows - options.rows) + " more rows (--rows)") + "\n";
    return out;
}

}  // namespace embedloom::cli
