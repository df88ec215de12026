// The table that sources of lent records are tested with.
#include <embedloom/testkit/workshop.h>

#include <array>
#include <deque>
#include <vector>

namespace embedloom::testkit {

namespace {

constexpr std::uint32_t chunk_count = 3, chunk_rows = 40;
constexpr std::array<const char*, 4> names{"text", "pair", "label", "input_ids"}, formats{"u", "u", "l", "+l"};

/// One chunk: texts of 0 to 40 bytes (a null and one that is no UTF-8 among them), numbers, and lists of 0 to 4 ids.
class Chunk {
  public:
    explicit Chunk(std::uint32_t number) {
        std::vector<std::int32_t>& list_ends = numbers_.emplace_back(1, 0);
        std::vector<std::int32_t>& ids = numbers_.emplace_back();
        for (std::uint32_t row = number * chunk_rows; row < (number + 1) * chunk_rows; ++row) {
            labels_.push_back(row % 7);
            for (std::uint32_t i = 0; i < row % 5; ++i) ids.push_back(static_cast<std::int32_t>(7 + (row + i) % 50));
            list_ends.push_back(static_cast<std::int32_t>(ids.size()));
        }
        ids.push_back(0);
        arrays_ = {texts(number, 31), texts(number, 17), array({nullptr, labels_.data()}), array({nullptr, list_ends.data()})};
        arrays_[0].null_count = 1;
        items_ = array({nullptr, ids.data()});
        items_.length = static_cast<std::int64_t>(ids.size()) - 1;
        shown_items_ = &items_;
        arrays_[3].n_children = 1;
        arrays_[3].children = &shown_items_;
        for (std::size_t i = 0; i < names.size(); ++i) shown_[i] = &arrays_[i];
        whole_ = array({nullptr});
        whole_.n_children = names.size();
        whole_.children = shown_.data();
    }
    Chunk(const Chunk&) = delete;
    Chunk& operator=(const Chunk&) = delete;
    const ArrowArray* whole() const { return &whole_; }

  private:
    ArrowArray array(std::vector<const void*> buffers) {
        std::vector<const void*>& kept = buffers_.emplace_back(std::move(buffers));
        return {chunk_rows, 0, 0, static_cast<std::int64_t>(kept.size()), 0, kept.data(), nullptr, nullptr, nullptr, nullptr};
    }
    ArrowArray texts(std::uint32_t number, std::uint32_t step) {
        std::vector<std::int32_t>& ends = numbers_.emplace_back(1, 0);
        std::string& bytes = bytes_.emplace_back();
        for (std::uint32_t row = 0; row < chunk_rows; ++row) {
            for (std::uint32_t i = 0; i < (row * step + number) % 21; ++i) bytes += i % 6 ? std::string(1, static_cast<char>('a' + row % 26)) : "\xC3\xA9";
            if (row == 11) bytes += '\xFF';
            ends.push_back(static_cast<std::int32_t>(bytes.size()));
        }
        return array({validity_.data(), ends.data(), bytes.data()});
    }

    std::array<unsigned char, (chunk_rows + 7) / 8> validity_{0xFF, 0xFF, 0xF7, 0xFF, 0xFF};  // row 19 is null where they are looked at
    std::deque<std::vector<std::int32_t>> numbers_;
    std::deque<std::string> bytes_;
    std::deque<std::vector<const void*>> buffers_;
    std::vector<std::int64_t> labels_;
    std::array<ArrowArray, names.size()> arrays_{};
    std::array<ArrowArray*, names.size()> shown_{};
    ArrowArray items_{}, *shown_items_ = nullptr, whole_{};
};

struct Sample {
    Sample() {
        item.format = "i";
        item.name = "item";
        for (std::size_t i = 0; i < names.size(); ++i) {
            columns[i].format = formats[i];
            columns[i].name = names[i];
            shown[i] = &columns[i];
        }
        columns[3].n_children = 1;
        columns[3].children = &shown_item;
        schema.format = "+s";
        schema.name = "";
        schema.n_children = names.size();
        schema.children = shown.data();
        for (std::uint32_t number = 0; number < chunk_count; ++number) whole[number] = chunks.emplace_back(number).whole();
        records = {sizeof(el_records), 0, &schema, whole.data(), chunk_count};
    }
    ArrowSchema schema{}, item{}, *shown_item = &item;
    std::array<ArrowSchema, names.size()> columns{};
    std::array<ArrowSchema*, names.size()> shown{};
    std::deque<Chunk> chunks;
    std::array<const ArrowArray*, chunk_count> whole{};
    el_records records{};
};

}  // namespace

const el_records& sample_records() {
    static const Sample sample;
    return sample.records;
}

}  // namespace embedloom::testkit
