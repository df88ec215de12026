// The parts of the sink that are not on the fast way.
#include "word_sink.h"

#include <algorithm>

namespace embedloom::plugins {

void WordSink::begin_text(std::uint64_t bytes, std::uint32_t wanted) {
    wanted_ = wanted;
    before_room_ = word_ = read_end_ = 0;
    full_ = false;
    // English has 4 to 5 bytes a token; what is too little is asked for later.
    ask_ = static_cast<std::size_t>(std::min<std::uint64_t>({bytes / 4 + 16, wanted, 4096})) + 2 * slack;
    room_ = output_.next(0, ask_);
    ids_ = room_.ids;
    take_room(0);
}

std::size_t WordSink::end_text() {
    const std::uint64_t total = std::min<std::uint64_t>(before_room_ + in_room(), wanted_);
    output_.next(static_cast<std::size_t>(total - before_room_), 0);
    room_ = {};
    ids_ = limit_ = nullptr;
    return static_cast<std::size_t>(total);
}

/// Gets room where there is too little and sets the limit.
void WordSink::take_room(std::size_t count) {
    if (room_.size - in_room() < std::max(count, slack)) {
        const std::size_t used = in_room();
        room_ = output_.next(used, std::max(ask_, count));
        before_room_ += used;
        ids_ = room_.ids;
    }
    const std::uint64_t fits = room_.size - slack;
    limit_ = room_.ids + std::min<std::uint64_t>(fits, wanted_ - before_room_);
}

void WordSink::describe(const std::uint32_t* ids, std::uint32_t count, std::uint32_t begin,
                        std::uint32_t end) {
    std::size_t at = in_room();
    for (std::uint32_t i = 0; i < count; ++i, ++at) {
        const auto place = i == 0 ? WordPieceModel::Place::first : WordPieceModel::Place::inside;
        const std::uint32_t stop = i + 1 == count ? end : begin + model_.piece_size(ids[i], place);
        if (room_.spans) room_.spans[at] = {begin, stop};
        if (room_.words) room_.words[at] = word_;
        begin = stop;
    }
    ++word_;
}

/// How many tokens of the last word, of `count`, are wanted.
std::uint32_t WordSink::kept_of(std::uint32_t count) const {
    return static_cast<std::uint32_t>(wanted_ - (before_room_ + in_room() - count));
}

bool WordSink::end_word(std::uint32_t end) {
    read_end_ = end;
    if (ids_ > limit_) take_room(0);
    return true;
}

bool WordSink::beyond_limit(const std::uint32_t* ids, std::uint32_t count, std::uint32_t begin,
                            std::uint32_t end) {
    if (before_room_ + in_room() <= wanted_) return end_word(end);
    full_ = true;
    const std::uint32_t kept = kept_of(count);
    for (std::uint32_t i = 0; i < kept; ++i)
        read_end_ = begin +=
            model_.piece_size(ids[i], i == 0 ? WordPieceModel::Place::first : WordPieceModel::Place::inside);
    return false;
}

bool WordSink::emit(const std::uint32_t* ids, std::uint32_t count, std::uint32_t begin, std::uint32_t end) {
    ensure(count);
    std::copy_n(ids, count, ids_);
    if (wants_detail()) describe(ids, count, begin, end);
    ids_ += count;
    return beyond_limit(ids, count, begin, end);
}

void WordSink::remember(const WordKey& key, std::size_t line) {
    if (pieces_.size() > WordCache::most_pieces) return;
    WordCache::Entry entry{.key = key, .count = static_cast<std::uint32_t>(pieces_.size())};
    std::copy(pieces_.begin(), pieces_.end(), entry.ids.begin());
    cache_.insert(entry, line);
}

bool WordSink::long_plain_word(const char* bytes, std::uint32_t size, std::uint32_t begin) {
    model_.pieces({bytes, size}, size, pieces_);
    if (size <= WordKey::longest) {
        const WordKey key = WordKey::of(bytes, size);
        remember(key, cache_.line_of(key));
    }
    return emit(pieces_.data(), static_cast<std::uint32_t>(pieces_.size()), begin, begin + size);
}

void WordSink::describe(const std::uint32_t* ids, std::uint32_t count, const AlignedWord& word) {
    std::uint32_t byte = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto place = i == 0 ? WordPieceModel::Place::first : WordPieceModel::Place::inside;
        const std::uint32_t stop = i + 1 == count ? word.size : byte + model_.piece_size(ids[i], place);
        const std::size_t at = in_room() + i;
        if (room_.spans) room_.spans[at] = {word.begins[byte], word.ends[stop - 1]};
        if (room_.words) room_.words[at] = word_;
        byte = stop;
    }
    ++word_;
}

bool WordSink::aligned_word(const AlignedWord& word) {
    const std::uint32_t* ids = nullptr;
    std::uint32_t count = 0;
    // A word that is too long may come cut short: its bytes are no key.
    const bool short_enough = word.size <= WordKey::longest && word.chars <= model_.spec().max_chars_per_word;
    const std::size_t line = cache_.line_of(word.key);
    if (const WordCache::Entry* known = short_enough ? cache_.find(word.key, line) : nullptr) {
        ids = known->ids.data(), count = known->count;
    } else {
        model_.pieces({word.bytes, word.size}, word.chars, pieces_);
        if (short_enough) remember(word.key, line);
        ids = pieces_.data(), count = static_cast<std::uint32_t>(pieces_.size());
    }
    ensure(count);
    std::copy_n(ids, count, ids_);
    if (wants_detail()) describe(ids, count, word);
    ids_ += count;
    if (before_room_ + in_room() <= wanted_) return end_word(word.end);
    full_ = true;
    std::uint32_t byte = 0;
    for (std::uint32_t i = 0, kept = kept_of(count); i < kept; ++i) {
        byte +=
            model_.piece_size(ids[i], i == 0 ? WordPieceModel::Place::first : WordPieceModel::Place::inside);
        read_end_ = word.ends[byte - 1];
    }
    return false;
}

bool WordSink::char_word(std::uint32_t bytes, std::uint32_t size, TokenSpan source) {
    const WordKey key = WordKey::of(bytes, size);
    const std::size_t line = cache_.line_of(key);
    const WordCache::Entry* const known = cache_.find(key, line);
    std::uint32_t id = 0;
    if (known) {
        id = known->ids[0];
    } else {
        char text[4];
        std::memcpy(text, &bytes, 4);
        model_.pieces({text, size}, 1, pieces_);
        remember(key, line);
        id = pieces_[0];
    }
    *ids_ = id;
    if (wants_detail()) put_detail(source), ++word_;
    ++ids_;
    if (ids_ > limit_) return beyond_limit(&id, 1, source.begin, source.end);
    read_end_ = source.end;
    return true;
}

bool WordSink::added_token(std::uint32_t id, std::uint32_t begin, std::uint32_t end) {
    if (begin == end) return true;
    return emit(&id, 1, begin, end);
}

}  // namespace embedloom::plugins
