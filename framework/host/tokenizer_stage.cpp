// Checks of what a tokenizer gives back.
#include <embedloom/host/tokenizer_stage.h>

#include <embedloom/host/check.h>
#include <embedloom/host/kind.h>

#include <algorithm>

namespace embedloom::host {

namespace {

/// False: the result of text i, whose tokens start at `begin`, cannot be.
bool is_result(const el_encoded& result, std::uint64_t begin, const el_text& text, std::uint32_t wanted) {
    const bool stopped_early = result.finished == 0 && wanted != EL_NONE && result.end - begin >= wanted;
    return result.end >= begin && result.bytes_read <= text.size && (result.code == EL_OK || result.end == begin) &&
           (result.finished == 1 || stopped_early);
}

std::optional<Breach> check_results(std::span<const el_encoded> results, const EncodeCall& call, std::uint64_t tokens) {
    std::uint64_t begin = 0;
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (!is_result(results[i], begin, call.texts[i], call.wanted))
            return Breach{item_text("text", i) + "with tokens " + std::to_string(begin) + " to " +
                              std::to_string(results[i].end) + ", " + std::to_string(results[i].bytes_read) +
                              " bytes read, code " + std::to_string(results[i].code) + ", finished " +
                              std::to_string(results[i].finished),
                          "ascending ends, at most " + std::to_string(call.texts[i].size) +
                              " bytes, no tokens beside a code, and an end before the text's only where enough were wanted"};
        begin = results[i].end;
    }
    if (begin == tokens) return std::nullopt;
    return Breach{std::to_string(tokens) + " ids", std::to_string(begin) + ", where the last text ends"};
}

std::optional<Breach> check_offsets(std::span<const el_encoded> results, std::span<const std::uint32_t> offsets,
                                    const EncodeCall& call) {
    std::uint64_t token = 0;
    for (std::size_t i = 0; i < results.size(); ++i) {
        bool is_bad = false;
        for (; token < results[i].end; ++token)
            is_bad |= offsets[2 * token] > offsets[2 * token + 1] || offsets[2 * token + 1] > call.texts[i].size;
        if (is_bad)
            return Breach{item_text("text", i) + "has a token outside it",
                          "begin <= end <= " + std::to_string(call.texts[i].size)};
    }
    return std::nullopt;
}

std::optional<Breach> check_encoded(const EncodeCall& call, const Columns& out, std::uint32_t vocab_size) {
    if (auto breach = check_count<el_encoded>(out, EL_ENCODE_RESULTS, call.texts.size(), "results")) return breach;
    if (auto breach = check_whole<std::uint32_t>(out, EL_ENCODE_IDS, "ids")) return breach;
    const auto results = out.get<el_encoded>(EL_ENCODE_RESULTS);
    const auto ids = out.get<std::uint32_t>(EL_ENCODE_IDS);
    if (auto breach = check_results(results, call, ids.size())) return breach;
    if (const std::uint32_t most = largest(ids); !ids.empty() && most >= vocab_size)
        return Breach{"id " + std::to_string(most), "ids below " + std::to_string(vocab_size) + ", its vocabulary"};
    if (call.want & EL_WANT_WORDS)
        if (auto breach = check_count<std::uint32_t>(out, EL_ENCODE_WORDS, ids.size(), "words")) return breach;
    if (!(call.want & EL_WANT_OFFSETS)) return std::nullopt;
    if (auto breach = check_count<std::uint32_t>(out, EL_ENCODE_OFFSETS, 2 * ids.size(), "offsets")) return breach;
    return check_offsets(results, out.get<std::uint32_t>(EL_ENCODE_OFFSETS), call);
}

void check_vocabulary(const Instance& instance, const el_vocabulary& facts) {
    const auto refuse = [&](const std::string& found, const std::string& expected) {
        instance.violation("vocabulary", found, expected).or_throw();
    };
    if (facts.vocab_size == 0 || facts.vocab_size == EL_NONE)
        refuse(std::to_string(facts.vocab_size) + " tokens", "at least one");
    for (const std::uint32_t id : {facts.unk, facts.cls, facts.sep, facts.pad, facts.mask, facts.bos, facts.eos})
        if (id != EL_NONE && id >= facts.vocab_size)
            refuse("special id " + std::to_string(id), "ids below " + std::to_string(facts.vocab_size));
}

}  // namespace

TokenizerStage::TokenizerStage(std::shared_ptr<Instance> instance)
    : instance_(std::move(instance)),
      functions_(static_cast<const el_tokenizer_functions*>(functions_of(*instance_, EL_KIND_TOKENIZER))),
      vocabulary_(facts_of(*instance_, functions_->vocabulary)) {
    vocabulary_.size = sizeof vocabulary_;
    check_vocabulary(*instance_, vocabulary_);
}

Outcome TokenizerStage::encode(std::uint32_t worker, const EncodeCall& call, Columns& out) const {
    out.begin(4);
    const el_encode_call asked{sizeof(el_encode_call), call.want, call.texts.data(), call.texts.size(), call.wanted, 0};
    Outcome outcome = checked_call(
        *instance_, "encode", out,
        [&](const el_problems* problems) {
            return functions_->encode(instance_->handle().instance, instance_->scratch(worker), &asked, out.writer(), problems);
        },
        [&] { return check_encoded(call, out, vocabulary_.vocab_size); });
    if (!outcome) return outcome;
    const auto results = out.get<el_encoded>(EL_ENCODE_RESULTS);
    judge_items(*instance_, outcome, results.size(), [&](std::uint64_t i) { return results[i].code; });
    return outcome;
}

Outcome TokenizerStage::decode(std::span<const std::uint32_t> ids, Special special, Columns& out) const {
    out.begin(1);
    return checked_call(
        *instance_, "decode", out,
        [&](const el_problems*) {
            return functions_->decode(instance_->handle().instance, ids.data(), ids.size(), special == Special::skip,
                                      out.writer());
        },
        [] { return std::optional<Breach>(); });
}

Outcome TokenizerStage::pieces(std::span<const std::uint32_t> ids, Columns& out) const {
    out.begin(2);
    return checked_call(
        *instance_, "pieces", out,
        [&](const el_problems*) {
            return functions_->pieces(instance_->handle().instance, ids.data(), ids.size(), out.writer());
        },
        [&] {
            if (auto breach = check_count<std::uint64_t>(out, EL_PIECES_ENDS, ids.size(), "ends")) return breach;
            return check_ends(out.get<std::uint64_t>(EL_PIECES_ENDS), out.bytes(EL_PIECES_BYTES), "pieces");
        });
}

void TokenizerStage::require_ids(std::span<const std::uint32_t> ids) const {
    const auto beyond = std::ranges::find_if(ids, [&](std::uint32_t id) { return id >= vocabulary_.vocab_size; });
    if (beyond != ids.end())
        throw base::Failure({.code = base::Code::usage, .found = "token id " + std::to_string(*beyond),
                             .expected = "an id below " + std::to_string(vocabulary_.vocab_size)});
}

std::vector<std::string> TokenizerStage::pieces(std::span<const std::uint32_t> ids) const {
    require_ids(ids);
    Columns columns;
    pieces(ids, columns).or_throw();
    const auto ends = columns.get<std::uint64_t>(EL_PIECES_ENDS);
    const std::string_view bytes = columns.text(EL_PIECES_BYTES);
    std::vector<std::string> out;
    for (std::size_t i = 0, begin = 0; i < ids.size(); begin = ends[i++]) out.emplace_back(bytes.substr(begin, ends[i] - begin));
    return out;
}

std::uint32_t TokenizerStage::find(std::string_view token) const {
    std::uint32_t id = EL_NONE;
    const Outcome outcome = instance_->call(Instance::Tag::any_thread, [&](const el_problems*) {
        id = functions_->find(instance_->handle().instance, text_of(token));
        return EL_OK;
    });
    return outcome && id < vocabulary_.vocab_size ? id : EL_NONE;
}

}  // namespace embedloom::host
