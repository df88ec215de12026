// Equality with the executable specification of the law, case by case, from a file that it made.
#include <fstream>
#include <sstream>

#include "support.h"
#include "support/catch.hpp"

using namespace loom_test;

namespace {

struct Case {
    std::string shape;
    std::vector<std::vector<std::uint64_t>> rows;
    std::vector<std::string> steps;  // and how it ends
};

std::vector<Case> read_cases() {
    std::ifstream file("tests/golden/stream/law.txt");
    std::vector<Case> cases;
    for (std::string line; std::getline(file, line);) {
        if (line[0] == '#') continue;
        if (line.starts_with("case ")) {
            cases.push_back({.shape = line.substr(5)});
        } else if (line.starts_with("rows ")) {
            std::istringstream words(line.substr(5));
            cases.back().rows.emplace_back();
            for (std::uint64_t rows = 0; words >> rows;) cases.back().rows.back().push_back(rows);
        } else {
            cases.back().steps.push_back(line);
        }
    }
    return cases;
}

Shape read_shape(const std::string& text) {
    Shape shape;
    std::uint64_t epochs = 0;
    std::string tail;
    std::istringstream(text) >> shape.windows >> shape.lanes >> shape.batch >> epochs >> tail;
    shape.epochs = epochs ? std::optional(epochs) : std::nullopt;
    shape.tail = tail == "drop" ? Tail::drop : tail == "wrap" ? Tail::wrap : Tail::short_batch;
    return shape;
}

/// A step as the file writes it.
std::string text(const Step& step) {
    std::ostringstream out;
    out << "step " << step.after.epoch << ' ' << step.after.ended << ' ' << step.repeats << " |";
    for (const Cursor& cursor : step.after.cursors) out << ' ' << cursor.window << ':' << cursor.row;
    out << " |";
    for (std::size_t i = 0, next = 0; i < step.places.size(); i = next) {
        const Place& first = step.places[i];
        for (next = i + 1; next < step.places.size(); ++next)
            if (step.places[next] != Place{first.epoch, first.window, first.row + (next - i)}) break;
        out << ' ' << first.epoch << ':' << first.window << ':' << first.row << '+' << next - i;
    }
    return out.str();
}

/// The law's name for an error that a message stands for.
std::string law_name(const std::string& message) {
    if (message.find("without a row") != std::string::npos) return "error an_epoch_without_a_row";
    if (message.find("not one full batch") != std::string::npos) return "error not_one_full_batch";
    return message;
}

/// The next line: counts become known only as they are needed, as in a real run.
std::string next_line(Dealer& dealer, const Table& table, RowTable& known) {
    try {
        for (;;) {
            const StepResult next = dealer.advance(known);
            if (const Step* step = std::get_if<Step>(&next)) return text(*step);
            if (const End* end = std::get_if<End>(&next)) return "end " + std::to_string(end->rows_cut);
            const Need need = std::get<Need>(next);
            REQUIRE_FALSE(known.rows(need.epoch, need.window));
            known.set(need.epoch, need.window, table.at(need.epoch, need.window));
        }
    } catch (const base::Failure& failure) {
        return law_name(failure.what());
    }
}

}  // namespace

TEST_CASE("law: every recorded case comes out as the specification gave it") {
    const std::vector<Case> cases = read_cases();
    REQUIRE(cases.size() == 220);
    for (const Case& expected : cases) {
        INFO("case " << expected.shape);
        const Shape shape = read_shape(expected.shape);
        const Table table(expected.rows);
        RowTable known;
        Dealer dealer(shape, start(shape));
        for (const std::string& line : expected.steps)
            if (line != "more") CHECK(next_line(dealer, table, known) == line);
    }
}

TEST_CASE("law: how a stream ended is said again when asked again") {
    for (const Case& expected : read_cases()) {
        INFO("case " << expected.shape);
        if (expected.steps.back() == "more") continue;
        const Shape shape = read_shape(expected.shape);
        const Table table(expected.rows);
        RowTable known;
        Dealer dealer(shape, start(shape));
        for (std::size_t i = 0; i < expected.steps.size(); ++i) next_line(dealer, table, known);
        CHECK(next_line(dealer, table, known) == expected.steps.back());
        CHECK(next_line(dealer, table, known) == expected.steps.back());
    }
}
