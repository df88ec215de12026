// An instance's life: its services, its locks, its memory.
#include <embedloom/host/tokenizer_stage.h>

#include <embedloom/base/sha256.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <thread>

#include "liars.h"
#include "support/temporary_folder.h"

namespace {
thread_local std::uint64_t allocations = 0;
}

// Counts what this program asks for; plugins have the library's own operators.
void* operator new(std::size_t bytes) {
    ++allocations;
    if (void* memory = std::malloc(bytes ? bytes : 1)) return memory;
    throw std::bad_alloc();
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
    ++allocations;
    return std::malloc(bytes ? bytes : 1);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

using namespace liars;

namespace {

const std::string sentence = "a sentence of some length";
const std::vector<el_text> texts(100, el_text{sentence.data(), sentence.size()});

}  // namespace

TEST_CASE("instance: a stage that declares itself serial is called by one thread at a time") {
    Services services;
    const TokenizerStage tokenizer(make(EL_KIND_TOKENIZER, "counts callers", services));
    std::atomic<int> together{0};
    std::vector<std::thread> threads;
    for (std::uint32_t worker = 0; worker < 2; ++worker)
        threads.emplace_back([&, worker] {
            Columns columns;
            for (int i = 0; i < 500; ++i) together += tokenizer.encode(worker, {texts}, columns).status == EL_INTERNAL;
        });
    for (std::thread& thread : threads) thread.join();
    CHECK(together == 0);
}

TEST_CASE("instance: calls after the first allocate nothing") {
    Services services;
    const TokenizerStage tokenizer(make(EL_KIND_TOKENIZER, "none", services));
    Columns columns;
    const EncodeCall call{texts, EL_NONE, EL_WANT_OFFSETS | EL_WANT_WORDS};
    REQUIRE(tokenizer.encode(0, call, columns));
    const std::uint64_t held = columns.capacity(), before = allocations;
    for (int i = 0; i < 10; ++i) REQUIRE(tokenizer.encode(0, call, columns).status == EL_OK);
    const std::uint64_t after = allocations;
    CHECK(after == before);
    CHECK(columns.capacity() == held);
}

TEST_CASE("instance: a worker's number beyond those it was made for is a bug that is said") {
    Services services;
    const TokenizerStage tokenizer(make(EL_KIND_TOKENIZER, "none", services));
    Columns columns;
    CHECK(tokenizer.encode(2, {texts}, columns).status == EL_INTERNAL);
}

TEST_CASE("instance: a limit of memory ends the call, not the process") {
    Services services;
    const TokenizerStage tokenizer(make(EL_KIND_TOKENIZER, "eats all", services));
    Columns columns(1 << 16);
    const Outcome outcome = tokenizer.encode(0, {texts}, columns);
    CHECK(outcome.status == EL_RESOURCES);
    CHECK(outcome.problems.at(0).error.code == base::Code::resources);
}

TEST_CASE("instance: mapped files are recorded with a digest, and noticed when they change") {
    const support::TemporaryFolder folder;
    const std::string path = folder.write("words.txt", "seven words").string();
    Services services;
    const auto made = Instance::make({registry().find(EL_KIND_TABLE, "mapper"), "embedding.token", {path}}, services);
    REQUIRE(services.files.size() == 1);
    CHECK(services.files[0].stage == "embedding.token");
    CHECK(services.files[0].path == path);
    CHECK(services.files[0].bytes == 11);
    CHECK(services.files[0].digest == base::sampled_sha256_hex(std::as_bytes(std::span(std::string_view("seven words")))));
    CHECK(made->changed_files().empty());
    folder.write("words.txt", "other words!");
    REQUIRE(made->changed_files().size() == 1);
    CHECK(made->changed_files()[0].code == base::Code::io);
    CHECK(made->changed_files()[0].source == path);
}

TEST_CASE("instance: a file that is not there is blamed on the parameter that named it") {
    Services services;
    const base::Error error = thrown([&] {
        Instance::make({registry().find(EL_KIND_TABLE, "mapper"), "embedding.token", {std::string("/nonexistent")}}, services);
    });
    CHECK(error.code == base::Code::no_input);
    CHECK(error.key_path == "embedding.token.file");
    CHECK(error.source == "/nonexistent");
    CHECK(error.found == "a file that cannot be opened (No such file or directory)");
}

TEST_CASE("instance: stages made after the tokenizer see its vocabulary, those before it none") {
    const support::TemporaryFolder folder;
    const Value file(folder.write("a", "ab").string());
    std::string logged;
    Services services{.log = [&](base::Severity, std::string_view line) { logged = line; }};
    const el_stage* stage = registry().find(EL_KIND_TABLE, "mapper");
    Instance::make({stage, "a", {file}}, services);
    CHECK(logged == "a (table/mapper 1.0.0): no vocabulary");
    const TokenizerStage tokenizer(make(EL_KIND_TOKENIZER, "none", services));
    services.tokenizer = &tokenizer;
    Instance::make({stage, "a", {file}}, services);
    CHECK(logged == "a (table/mapper 1.0.0): token c is 2 of 16");
}
