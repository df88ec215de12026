// Arrow tables made by hand: every buffer is a block of its own and just as long as it is, so that AddressSanitizer sees who reads beyond.
#pragma once

#include "reading.h"

#include <embedloom/abi/arrow.h>

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

extern "C" const el_plugin arrow_plugin;

namespace embedloom::source_tests {

using Block = std::shared_ptr<std::vector<char>>;  ///< null: no memory

template <class T>
Block block(const std::vector<T>& values) {
    const char* const bytes = reinterpret_cast<const char*>(values.data());
    return std::make_shared<std::vector<char>>(bytes, bytes + values.size() * sizeof(T));
}
inline Block block(std::string_view bytes) { return std::make_shared<std::vector<char>>(bytes.begin(), bytes.end()); }

/// A column of one chunk. Its parts may be changed before they are put into a table.
struct ArrowColumn {
    std::string name, format;
    std::int64_t length = 0;
    std::vector<Block> blocks;
    std::int64_t nulls = 0, offset = 0;
    std::vector<ArrowColumn> children = {};
    std::shared_ptr<ArrowColumn> dictionary = {};
};

/// Bits of which rows are there.
template <class T>
Block valid_bits(const std::vector<std::optional<T>>& values) {
    std::vector<unsigned char> bits((values.size() + 7) / 8);
    for (std::size_t i = 0; i < values.size(); ++i)
        if (values[i]) bits[i / 8] = static_cast<unsigned char>(bits[i / 8] | 1 << i % 8);
    return block(bits);
}

using OptionalTexts = std::vector<std::optional<std::string>>;

/// "u" or "U".
inline ArrowColumn text_column(const std::string& name, const OptionalTexts& texts, const std::string& format = "u") {
    std::vector<std::int32_t> ends{0};
    std::vector<std::int64_t> large{0};
    std::string bytes;
    for (const auto& text : texts) {
        bytes += text.value_or("");
        ends.push_back(static_cast<std::int32_t>(bytes.size()));
        large.push_back(static_cast<std::int64_t>(bytes.size()));
    }
    return {name, format, static_cast<std::int64_t>(texts.size()), {valid_bits(texts), format == "u" ? block(ends) : block(large), block(bytes)}, -1};
}

struct TestView {
    std::int32_t size;
    char prefix[4];
    std::int32_t buffer, offset;
};

/// "vu": short texts in place, long ones in one buffer.
inline ArrowColumn view_column(const std::string& name, const OptionalTexts& texts) {
    std::vector<TestView> views;
    std::string bytes;
    for (const auto& text : texts) {
        TestView view{-5, {}, 77, -1};  // in place of a null: rubbish
        if (text) view = {static_cast<std::int32_t>(text->size()), {}, 0, static_cast<std::int32_t>(bytes.size())};
        if (text && text->size() <= 12) std::copy(text->begin(), text->end(), view.prefix);
        if (text && text->size() > 12) bytes += *text;
        views.push_back(view);
    }
    return {name, "vu", static_cast<std::int64_t>(texts.size()),
            {valid_bits(texts), block(views), block(bytes), block(std::vector{static_cast<std::int64_t>(bytes.size())})}, -1};
}

/// "+l" of int64 items.
inline ArrowColumn list_column(const std::string& name, const std::vector<std::vector<std::int64_t>>& lists) {
    std::vector<std::int32_t> ends{0};
    std::vector<std::int64_t> items;
    for (const auto& list : lists) {
        items.insert(items.end(), list.begin(), list.end());
        ends.push_back(static_cast<std::int32_t>(items.size()));
    }
    ArrowColumn item{"item", "l", static_cast<std::int64_t>(items.size()), {nullptr, block(items)}};
    return {name, "+l", static_cast<std::int64_t>(lists.size()), {nullptr, block(ends)}, 0, 0, {item}};
}

template <class T>
ArrowColumn number_column(const std::string& name, const std::string& format, const std::vector<T>& values) {
    return {name, format, static_cast<std::int64_t>(values.size()), {nullptr, block(values)}};
}

/// A source "arrow" over chunks of columns.
class ArrowBench {
  public:
    ArrowBench() : bench(arrow_plugin, "arrow") {}

    ArrowBench& chunk(std::vector<ArrowColumn> columns) {
        const std::int64_t rows = columns.empty() ? 0 : columns.front().length - columns.front().offset;
        return whole({"", "+s", rows, {nullptr}, 0, 0, std::move(columns)});
    }
    /// A chunk that is not just its columns.
    ArrowBench& whole(const ArrowColumn& chunk) {
        if (!schema_) schema_ = make_schema(chunk);
        chunks_.push_back(make_array(chunk));
        return *this;
    }
    template <class Value>
    ArrowBench& set(std::string_view name, const Value& value) {
        bench.set(name, value);
        return *this;
    }
    /// Throws the first problem's text where it is refused.
    OpenSource& open() {
        records_ = {sizeof(el_records), 0, schema_, chunks_.data(), chunks_.size()};
        bench.host.records = &records_;
        if (bench.configure() != EL_OK) throw std::runtime_error(bench.problems.found());
        OpenSource& opened = source.emplace(bench);
        if (opened.status != EL_OK) throw std::runtime_error(bench.problems.found());
        return opened;
    }
    /// What open() is refused with.
    std::string refusal() {
        try {
            open();
        } catch (const std::runtime_error& error) {
            return error.what();
        }
        return "nothing";
    }

    support::PluginBench bench;
    std::optional<OpenSource> source;
    std::size_t move_buffers = 0;  ///< bytes at the beginning of every block that are not its array's

  private:
    ArrowSchema* make_schema(const ArrowColumn& column) {
        ArrowSchema& out = schemas_.emplace_back();
        out.format = texts_.emplace_back(column.format).c_str();
        out.name = texts_.emplace_back(column.name).c_str();
        auto& children = schema_children_.emplace_back();
        for (const ArrowColumn& child : column.children) children.push_back(make_schema(child));
        out.n_children = static_cast<std::int64_t>(children.size());
        out.children = children.data();
        if (column.dictionary) out.dictionary = make_schema(*column.dictionary);
        return &out;
    }
    ArrowArray* make_array(const ArrowColumn& column) {
        ArrowArray& out = arrays_.emplace_back();
        auto& buffers = buffers_.emplace_back();
        for (const Block& kept : column.blocks) {
            blocks_.push_back(kept);
            buffers.push_back(kept ? kept->data() + move_buffers : nullptr);
        }
        auto& children = array_children_.emplace_back();
        for (const ArrowColumn& child : column.children) children.push_back(make_array(child));
        out = {column.length - column.offset, column.nulls, column.offset, static_cast<std::int64_t>(buffers.size()),
               static_cast<std::int64_t>(children.size()), buffers.data(), children.data(), nullptr, nullptr, nullptr};
        if (column.dictionary) out.dictionary = make_array(*column.dictionary);
        return &out;
    }

    ArrowSchema* schema_ = nullptr;
    std::vector<const ArrowArray*> chunks_;
    std::deque<ArrowSchema> schemas_;
    std::deque<ArrowArray> arrays_;
    std::deque<std::string> texts_;
    std::deque<std::vector<const void*>> buffers_;
    std::deque<std::vector<ArrowSchema*>> schema_children_;
    std::deque<std::vector<ArrowArray*>> array_children_;
    std::vector<Block> blocks_;
    el_records records_{};
};

}  // namespace embedloom::source_tests
