// Copies tokens piece by piece.
#include <embedloom/abi/segment.h>
#include <embedloom/abi/tokenizer.h>
#include <embedloom/run/row_mover.h>

namespace embedloom::run {

namespace {

/// The columns of one field's encoding.
struct Encoded {
    std::span<const el_encoded> results;
    std::span<const std::uint32_t> ids, offsets, words;
    std::uint64_t begin(std::uint32_t text) const { return text ? results[text - 1].end : 0; }
};

Encoded encoded_of(const host::Columns& columns) {
    return {columns.get<el_encoded>(EL_ENCODE_RESULTS), columns.get<std::uint32_t>(EL_ENCODE_IDS),
            columns.get<std::uint32_t>(EL_ENCODE_OFFSETS), columns.get<std::uint32_t>(EL_ENCODE_WORDS)};
}

/// Words of different fields never join.
std::uint32_t word_of(std::uint32_t word, std::uint32_t field) {
    return word == EL_NONE ? EL_NONE : word + field * (1u << 28);
}

template <class T>
void append(std::vector<T>& to, std::span<const T> values) {
    to.insert(to.end(), values.begin(), values.end());
}

class Mover {
  public:
    Mover(const RowMover::Input& input, WindowRows& rows) : input_(input), rows_(rows) {
        for (std::uint32_t field = 0; field < input.fields; ++field) encoded_.push_back(encoded_of(input.encoded[field]));
    }

    void literal(const el_piece& piece) {
        rows_.ids.push_back(piece.begin);
        rows_.segments.push_back(static_cast<std::uint16_t>(piece.segment));
        rows_.special.push_back(1);
        rows_.texts.push_back(-1);
        if (input_.wants.words) rows_.words.push_back(EL_NONE);
        if (input_.wants.offsets) rows_.offsets.insert(rows_.offsets.end(), 2, 0u);
    }

    void tokens(const el_piece& piece) {
        const Encoded& from = encoded_[piece.field];
        const std::uint64_t begin = from.begin(input_.texts[piece.record]) + piece.begin;
        const std::size_t count = piece.end - piece.begin;
        const auto ids = from.ids.subspan(begin, count);
        append(rows_.ids, ids);
        rows_.segments.insert(rows_.segments.end(), count, static_cast<std::uint16_t>(piece.segment));
        rows_.texts.insert(rows_.texts.end(), count, static_cast<std::int8_t>(piece.field));
        append_special(ids);
        if (input_.wants.words)
            for (const std::uint32_t word : from.words.subspan(begin, count)) rows_.words.push_back(word_of(word, piece.field));
        if (input_.wants.offsets) append(rows_.offsets, from.offsets.subspan(begin * 2, count * 2));
    }

  private:
    /// Special tokens in the text are as special as the template's: no objective touches them.
    void append_special(std::span<const std::uint32_t> ids) {
        const el_vocabulary& all = *input_.vocabulary;
        const std::size_t at = rows_.special.size();
        rows_.special.resize(at + ids.size());
        std::uint8_t* out = rows_.special.data() + at;
        for (std::size_t i = 0; i < ids.size(); ++i)
            out[i] = (ids[i] == all.cls) | (ids[i] == all.sep) | (ids[i] == all.pad) | (ids[i] == all.mask) |
                     (ids[i] == all.bos) | (ids[i] == all.eos);
    }

    const RowMover::Input& input_;
    WindowRows& rows_;
    std::vector<Encoded> encoded_;
};

}  // namespace

void RowMover::move(const Input& input, WindowRows& rows) {
    const auto pieces = input.plan->get<el_piece>(EL_PLAN_PIECES);
    const auto row_ends = input.plan->get<std::uint64_t>(EL_PLAN_ROWS);
    const auto codes = input.plan->get<el_status>(EL_PLAN_CODES);
    Mover mover(input, rows);
    row_texts_.clear();
    std::uint64_t at = 0;
    std::uint32_t record = 0;  // of a row without a piece, which only a row to a record may be: the next good one
    for (const std::uint64_t end : row_ends) {
        while (record < codes.size() && codes[record] != EL_OK) ++record;
        const std::uint32_t owner = at < end ? pieces[at].record : record;
        for (; at < end; ++at) pieces[at].field == EL_LITERAL ? mover.literal(pieces[at]) : mover.tokens(pieces[at]);
        rows.row_ends.push_back(rows.ids.size());
        row_texts_.push_back(input.texts[owner]);
        record = owner + 1;
    }
}

}  // namespace embedloom::run
