// Times the assembly of one batch on one thread into memory that is used again, with memcpy of the same bytes
// beside it.
#include <benchmark/benchmark.h>
#include <embedloom/embed/aligned_floats.h>
#include <embedloom/embed/assembler.h>
#include <embedloom/embed/convert.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>

namespace {

using namespace embedloom;
using embed::AlignedFloats;
using embed::Dtype;
using embed::NormKind;

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

const std::uint64_t rows = setting("BENCH_ROWS", 256);
const std::uint64_t length = setting("BENCH_LENGTH", 128);
const std::uint64_t vocabulary = setting("BENCH_VOCABULARY", 30522);
const auto width = static_cast<std::uint32_t>(setting("BENCH_WIDTH", 768));
constexpr std::uint64_t seed = 7;

std::uint64_t tokens() {
    return rows * length;
}

AlignedFloats random_numbers(std::uint64_t count) {
    std::mt19937 engine(seed);
    AlignedFloats numbers(count, 0);
    for (std::uint64_t i = 0; i < count; ++i)
        numbers.data()[i] = static_cast<float>(static_cast<std::int32_t>(engine())) * 0x1p-36f;
    return numbers;
}

// Ranks by a Zipf law of exponent 1.3, spread over the table: what natural text asks of it.
std::vector<std::int64_t> zipf_ids() {
    std::vector<double> cumulative(vocabulary);
    double total = 0;
    for (std::uint64_t rank = 0; rank < vocabulary; ++rank)
        cumulative[rank] = total += std::pow(static_cast<double>(rank + 1), -1.3);
    std::mt19937 engine(seed);
    std::vector<std::int64_t> place(vocabulary);
    for (std::uint64_t i = 0; i < vocabulary; ++i) place[i] = static_cast<std::int64_t>(i);
    std::shuffle(place.begin(), place.end(), engine);
    std::uniform_real_distribution<double> uniform(0, total);
    std::vector<std::int64_t> ids(tokens());
    for (std::int64_t& id : ids) {
        const auto found = std::lower_bound(cumulative.begin(), cumulative.end(), uniform(engine));
        id = place[static_cast<std::size_t>(std::min<std::ptrdiff_t>(
            found - cumulative.begin(), static_cast<std::ptrdiff_t>(vocabulary) - 1))];
    }
    return ids;
}

// All that a batch is made of, once for the process.
struct Data {
    AlignedFloats words = random_numbers(vocabulary * width);
    AlignedFloats halves;  // the same table in 16 bits
    AlignedFloats segments = random_numbers(2 * width);
    AlignedFloats positions = random_numbers(length * width);
    AlignedFloats norm = random_numbers(2 * width);
    AlignedFloats out{tokens() * width, 1};
    AlignedFloats source{tokens() * width, 1};
    std::vector<std::int64_t> ids = zipf_ids();
    std::vector<std::int64_t> segment_ids = std::vector<std::int64_t>(tokens(), 0);

    Data() {
        for (std::uint64_t i = 0; i < tokens(); ++i) segment_ids[i] = i % length > length / 2;
    }
};

Data& data() {
    static Data all;
    return all;
}

embed::TableView table(AlignedFloats& numbers, std::uint64_t count, Dtype dtype) {
    if (dtype != Dtype::float32) {
        AlignedFloats& halves = data().halves;
        halves = AlignedFloats(count * width / 2 + 1, 0);
        embed::narrow(numbers.data(), count * width, dtype, reinterpret_cast<std::byte*>(halves.data()));
        return {halves.bytes(), count, width, dtype, width * 2ull};
    }
    return {numbers.bytes(), count, width, dtype, width * 4ull};
}

void report(benchmark::State& state, std::uint64_t bytes) {
    state.SetItemsProcessed(static_cast<std::int64_t>(tokens()) * state.iterations());
    state.SetBytesProcessed(static_cast<std::int64_t>(bytes) * state.iterations());
}

void copy(benchmark::State& state, Dtype dtype) {
    const std::uint64_t bytes = tokens() * width * embed::dtype_bytes(dtype);
    std::memcpy(data().out.data(), data().source.data(), bytes);
    for (auto _ : state) {
        std::memcpy(data().out.data(), data().source.data(), bytes);
        benchmark::ClobberMemory();
    }
    report(state, bytes);
}

struct Case {
    const char* name;
    bool sum;
    NormKind norm;
};

void assemble(benchmark::State& state, const Case& what, Dtype dtype, embed::Store store) {
    Data& all = data();
    embed::Recipe recipe{.token = table(all.words, vocabulary, dtype), .out = dtype};
    embed::Strip strip{.rows = rows, .length = length, .ids = all.ids.data()};
    if (what.sum) {
        recipe.segment = embed::TableView{all.segments.bytes(), 2, width, Dtype::float32, width * 4ull};
        recipe.norm = {.kind = what.norm, .weight = all.norm.data(), .bias = all.norm.data() + width};
        strip.segment_ids = all.segment_ids.data();
        strip.positions = all.positions.data();
    }
    strip.out = reinterpret_cast<std::byte*>(all.out.data());
    strip.store = store;
    const embed::Assembler assembler(recipe);
    assembler.assemble(strip);
    for (auto _ : state) {
        assembler.assemble(strip);
        benchmark::ClobberMemory();
    }
    report(state, tokens() * width * embed::dtype_bytes(dtype));
}

}  // namespace

int main(int argc, char** argv) {
    const std::pair<const char*, Dtype> dtypes[] = {
        {"float32", Dtype::float32}, {"bfloat16", Dtype::bfloat16}, {"float16", Dtype::float16}};
    const Case cases[] = {{"gather", false, NormKind::none},
                          {"sum", true, NormKind::none},
                          {"layer_norm", true, NormKind::layer_norm}};
    for (const auto& [name, dtype] : dtypes) {
        benchmark::RegisterBenchmark((std::string("memcpy/") + name).c_str(), copy, dtype);
        for (const Case& what : cases)
            for (const embed::Store store : {embed::Store::cached, embed::Store::streaming})
                benchmark::RegisterBenchmark((std::string(what.name) + "/" + name +
                                              (store == embed::Store::streaming ? "/streaming" : "/cached"))
                                                 .c_str(),
                                             assemble, what, dtype, store);
    }
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 64;
    benchmark::RunSpecifiedBenchmarks();
}
