// What an objective must keep: rows that depend on their own tokens and key alone.
#include <embedloom/host/objective_stage.h>
#include <embedloom/testkit/checks.h>

namespace embedloom::testkit {

namespace {

using host::Columns;
using host::ObjectiveCall;
using host::ObjectiveStage;
using host::StageName;

/// Rows of 0 to 100 tokens between [CLS] and [SEP], words of three tokens.
struct Rows {
    Rows() {
        for (std::uint32_t length : {0u, 1u, 2u, 3u, 7u, 20u, 100u, 0u, 512u}) {
            for (std::uint32_t t = 0; t < length; ++t) {
                const bool is_edge = t == 0 || t + 1 == length;
                ids.push_back(is_edge ? (t == 0 ? 1u : 2u) : 7 + (t * 31 + length) % 57);
                special.push_back(is_edge);
                words.push_back(is_edge ? EL_NONE : t / 3);
            }
            ends.push_back(ids.size());
            keys.push_back(el_key_for(7, 0, ends.size(), 2));
        }
    }
    ObjectiveCall all() const { return {ends, ids, special, words, keys}; }
    std::vector<std::uint64_t> ends;
    std::vector<std::uint32_t> ids, words;
    std::vector<std::uint8_t> special;
    std::vector<el_key> keys;
};

Contents applied(const ObjectiveStage& objective, const ObjectiveCall& call, std::uint32_t worker = 0) {
    Columns columns;
    expect(objective.apply(worker, call, columns), "apply");
    return contents_of(columns);
}

/// Row by row, put together, equal to all rows at once.
void check_alone(const ObjectiveStage& objective) {
    const Rows rows;
    Contents together(1 + objective.columns().size());
    for (std::size_t r = 0; r < rows.ends.size(); ++r) {
        const std::uint64_t begin = r ? rows.ends[r - 1] : 0, count = rows.ends[r] - begin;
        const std::uint64_t end[1] = {count};
        const ObjectiveCall one{end, std::span(rows.ids).subspan(begin, count), std::span(rows.special).subspan(begin, count),
                                std::span(rows.words).subspan(begin, count), std::span(rows.keys).subspan(r, 1)};
        const Contents part = applied(objective, one);
        for (std::size_t c = 0; c < part.size(); ++c) together[c] += part[c];
    }
    expect(together == applied(objective, rows.all()), "other results row by row than at once");
    expect(applied(objective, {}) == Contents(together.size()), "results of no rows");
}

void check_special(const ObjectiveStage& objective) {
    Rows rows;
    rows.special.assign(rows.special.size(), 1);
    Columns columns;
    expect(objective.apply(0, rows.all(), columns), "apply");
    const auto ids = columns.get<std::uint32_t>(EL_APPLY_IDS);
    expect(std::equal(ids.begin(), ids.end(), rows.ids.begin()), "a special token was changed");
}

void check_memory_limit(const ObjectiveStage& objective) {
    const Rows rows;
    Columns none(0);
    expect(objective.apply(0, rows.all(), none).status == EL_RESOURCES, "another status");
}

}  // namespace

Checks objective_checks(const StageName& name) {
    const auto with = [name](void (*check)(const ObjectiveStage&)) {
        return [name, check](Workshop& workshop) { check(ObjectiveStage(workshop.make(name))); };
    };
    const auto in_threads = [name](Workshop& workshop) {
        const ObjectiveStage objective(workshop.make(name));
        const Rows rows;
        expect_same_in_threads(workshop, [&](std::uint32_t worker) { return applied(objective, rows.all(), worker); });
    };
    return {{"a row gives the same alone and among others, empty rows too", with(check_alone)},
            {"a special token is never changed", with(check_special)},
            {"gives up when the host has no more memory", with(check_memory_limit)},
            {"gives the same in all threads at once", in_threads}};
}

}  // namespace embedloom::testkit
