// A source of two files of 10 bytes with a record every 5 bytes, that can break each rule of reading on request.
#include <embedloom/abi/source.h>

#include "liar.h"

namespace {

using namespace liar;

class Source : public Liar<Source> {
  public:
    static constexpr el_kind kind = EL_KIND_SOURCE;
    static const el_source_functions functions;
    static constexpr sdk::Declaration declaration{.name = "liar", .version = "1.0.0", .summary = "Four records, and lies."};
    using Liar::Liar;
};

constexpr el_field fields[] = {{sizeof(el_field), EL_FIELD_TEXT, {"text", 4}}, {sizeof(el_field), EL_FIELD_INTEGER, {"label", 5}},
                               {sizeof(el_field), EL_FIELD_TOKENS, {"input_ids", 9}}};
constexpr el_field strange[] = {{sizeof(el_field), 9, {"text", 4}}};
constexpr el_source_file files[] = {{sizeof(el_source_file), EL_FILE_DAMAGED, {"a", 1}, 0, 10, {"d", 1}},
                                    {sizeof(el_source_file), 0, {"b", 1}, 10, 10, {"e", 1}}};

el_status facts(void* instance, el_source_facts* out) {
    *out = {sizeof(el_source_facts), 3, fields};
    if (self<Source>(instance).tells("no fields")) out->field_count = 0;
    if (self<Source>(instance).tells("strange field")) *out = {sizeof(el_source_facts), 1, strange};
    return EL_OK;
}

el_status extent(void* instance, el_extent* out, const el_problems* problems) {
    *out = {sizeof(el_extent), 2, files, 20};
    if (self<Source>(instance).tells("wrong extent")) out->bytes = 21;
    if (self<Source>(instance).tells("no files")) out->files = nullptr;
    if (self<Source>(instance).tells("no lie: lent records") && !self<Source>(instance).host().records()) return EL_NO_INPUT;
    const el_problem damaged{sizeof(el_problem), EL_BAD_DATA, EL_NONE, 0, 10, EL_NO_PLACE, EL_NO_PLACE, {"a", 1}};
    problems->add(problems->host, &damaged);
    return EL_OK;
}

el_status scan(void* instance, void*, const std::uint64_t range[2], const el_writer* out, const el_problems*) {
    for (std::uint64_t id = 0; id < 20; id += 5)
        if ((id >= range[0] && id < range[1]) || self<Source>(instance).tells("starts outside")) put(out, EL_SCAN_STARTS, id);
    if (self<Source>(instance).tells("same start twice")) put(out, EL_SCAN_STARTS, range[0]);
    put(out, EL_SCAN_PASSED, std::uint64_t{0});
    if (self<Source>(instance).tells("passed twice")) put(out, EL_SCAN_PASSED, std::uint64_t{0});
    return EL_OK;
}

/// A record with the text "é" and the label 7.
void record(const Source& me, std::uint64_t id, std::uint64_t i, const el_writer* out) {
    const el_status code = me.tells("a text beside a code") || me.tells("tokens beside a code") || me.tells("bad without a reason") ? EL_BAD_DATA : EL_OK;
    put(out, EL_READ_RECORDS, el_record{me.tells("another id") ? id + 1 : id,
                                        me.tells("over the file's end") ? std::uint64_t{11} : std::uint64_t{5}, code, 0});
    const bool has_text = !me.tells("bad without a reason") && !me.tells("tokens beside a code");
    if (has_text) {
        put(out, EL_READ_VALUES(0), '\xC3');
        put(out, EL_READ_VALUES(0), me.tells("no UTF-8") ? 'x' : '\xA9');
    }
    const std::uint64_t end = has_text ? 2 * (i + 1) : 0;
    put(out, EL_READ_ENDS(0), me.tells("cut character") && i == 0 ? end - 1 : end);
    put(out, EL_READ_VALUES(1), std::int64_t{7});
    const bool has_tokens = code == EL_OK || me.tells("tokens beside a code");
    if (has_tokens) put(out, EL_READ_VALUES(2), me.tells("an id that is none") ? EL_NONE : std::uint32_t{70} + static_cast<std::uint32_t>(i));
    put(out, EL_READ_ENDS(2), has_tokens ? me.tells("token ends that descend") ? 9 - i : i + 1 : std::uint64_t{0});
}

el_status read_range(void* instance, void*, const std::uint64_t range[2], const el_writer* out, const el_problems*) {
    const auto& me = self<Source>(instance);
    std::uint64_t i = 0;
    for (std::uint64_t id = 0; id < 20; id += 5)
        if (id >= range[0] && id < range[1]) record(me, id, i++, out);
    if (me.tells("one label more")) put(out, EL_READ_VALUES(1), std::int64_t{7});
    if (me.tells("a record twice")) record(me, range[0], i, out);
    return EL_OK;
}

el_status read_ids(void* instance, void*, const std::uint64_t* ids, std::uint64_t count, const el_writer* out,
                   const el_problems*) {
    const auto& me = self<Source>(instance);
    for (std::uint64_t i = 0; i < count - me.tells("one record less"); ++i) record(me, ids[i], i, out);
    return EL_OK;
}

const el_source_functions Source::functions{sizeof(el_source_functions), 0, &facts, &extent, &scan, &read_range, &read_ids};

}  // namespace

EMBEDLOOM_PLUGIN(Source)
