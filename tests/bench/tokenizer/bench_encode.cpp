// Times our tokenizer on texts that it has not seen before, then on the first of them again.
//
//   bench_encode tokenizer.json|vocab.txt TEXTS ids|spans SLICES
//
// TEXTS: for each text u32 size, bytes. The first slice of SLICES + 1 equal ones warms the processor up, the
// others are timed once each, then the first of these again. Prints JSON: MB/s of each, of the repeat,
// tokens, ms to load.
#include <time.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>

#include "tokenizer/common/encoder.h"
#include "tokenizer/common/failure.h"
#include "tokenizer/common/tokenizer_json.h"
#include "tokenizer/common/vocab_file.h"

using namespace embedloom::plugins;

namespace {

/// Processor time of this process: what other programs take does not count. The rivals are timed by the same
/// clock.
double now() {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

std::string bytes_of(const char* path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string_view> texts_of(const std::string& packed) {
    std::vector<std::string_view> texts;
    for (std::size_t at = 0; at + 4 <= packed.size();) {
        std::uint32_t size = 0;
        std::memcpy(&size, packed.data() + at, 4);
        texts.emplace_back(packed.data() + at + 4, size);
        at += 4 + size;
    }
    return texts;
}

/// Memory that grows and is used again from slice to slice, as the host's columns are.
class ReusedOutput final : public TokenOutput {
  public:
    explicit ReusedOutput(bool detail) : detail_(detail) {}
    TokenRoom next(std::size_t used, std::size_t wanted) override {
        size_ += used;
        if (size_ + wanted > ids_.size()) {
            ids_.resize(2 * (size_ + wanted));
            if (detail_) spans_.resize(ids_.size()), words_.resize(ids_.size());
        }
        if (!detail_) return {ids_.data() + size_, nullptr, nullptr, wanted};
        return {ids_.data() + size_, spans_.data() + size_, words_.data() + size_, wanted};
    }
    void clear() { size_ = 0; }
    std::size_t size() const { return size_; }

  private:
    bool detail_;
    std::size_t size_ = 0;
    std::vector<std::uint32_t> ids_, words_;
    std::vector<TokenSpan> spans_;
};

WordPieceModel load(const std::string& path) {
    const std::string file = bytes_of(path.c_str());
    return WordPieceModel(path.ends_with(".json") ? read_tokenizer_json(file)
                                                  : vocab_txt_spec(read_vocab_txt(file), {}, {}));
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc < 5) return 64;
    const double begin_load = now();
    const WordPieceModel model = load(argv[1]);
    const double load_ms = 1e3 * (now() - begin_load);
    const std::string packed = bytes_of(argv[2]);
    const std::vector<std::string_view> texts = texts_of(packed);
    const std::size_t slices = std::strtoul(argv[4], nullptr, 10), each = texts.size() / (slices + 1);
    EncodeScratch scratch;
    ReusedOutput output(std::strcmp(argv[3], "spans") == 0);
    std::size_t tokens = 0;
    const auto rate_of = [&](std::size_t slice) {
        Encoder encoder(model, scratch, output);
        output.clear();
        std::size_t bytes = 0;
        const double begin = now();
        for (std::size_t i = slice * each; i < (slice + 1) * each; ++i) {
            encoder.encode(texts[i], WordPieceModel::none);
            bytes += texts[i].size();
        }
        const double seconds = now() - begin;
        tokens += output.size();
        return static_cast<double>(bytes) / 1e6 / seconds;
    };
    rate_of(0);
    tokens = 0;
    std::printf("{\"fresh\": [");
    for (std::size_t slice = 1; slice <= slices; ++slice)
        std::printf("%s%.2f", slice > 1 ? ", " : "", rate_of(slice));
    const std::size_t all = tokens;
    std::printf("], \"warm\": %.2f, \"tokens\": %zu, \"load_ms\": %.1f}\n", rate_of(1), all, load_ms);
    return 0;
} catch (const LoadFailure& failure) {
    std::fprintf(stderr, "%s\n", failure.what());
    return 65;
}
