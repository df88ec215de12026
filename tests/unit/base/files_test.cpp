// Files: mapped, written whole or not at all, locked; their digests.
#include <embedloom/base/atomic_file.h>
#include <embedloom/base/error.h>
#include <embedloom/base/file_lock.h>
#include <embedloom/base/mapped_file.h>
#include <embedloom/base/sha256.h>

#include <sys/stat.h>
#include <sys/wait.h>

#include "support/catch.hpp"
#include "support/temporary_folder.h"

using namespace embedloom::base;

namespace {

Code code_of_mapping(const std::filesystem::path& path) {
    try {
        MappedFile file(path);
        return Code{};
    } catch (const Failure& failure) {
        return failure.first().code;
    }
}

}  // namespace

TEST_CASE("mapped file: shows the bytes and notices another file of the same name") {
    const embedloom::support::TemporaryFolder folder;
    const auto path = folder.write("a", "hello");
    const MappedFile file(path);
    CHECK(std::string(reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()) == "hello");
    CHECK(file.is_unchanged());
    write_whole(path, "hallo");
    CHECK_FALSE(file.is_unchanged());
    std::filesystem::remove(path);
    CHECK_FALSE(file.is_unchanged());
}

TEST_CASE("mapped file: an empty file is empty; a missing one, a folder and a pipe are refused") {
    const embedloom::support::TemporaryFolder folder;
    CHECK(MappedFile(folder.write("empty", "")).bytes().empty());
    CHECK(code_of_mapping(folder / "none") == Code::no_input);
    CHECK(code_of_mapping(folder.path()) == Code::bad_data);
    REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
    CHECK(code_of_mapping(folder / "pipe") == Code::bad_data);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_CASE("mapped file: a file that shrinks while it is read ends the process with 74, not a signal") {
    const embedloom::support::TemporaryFolder folder;
    const auto path = folder.write("a", std::string(100000, 'x'));
    const pid_t child = ::fork();
    if (child == 0) {
        if (!std::freopen("/dev/null", "w", stderr)) ::_exit(1);
        report_lost_mappings();
        const MappedFile file(path);
        std::filesystem::resize_file(path, 10);
        ::_exit(static_cast<volatile const std::byte*>(file.bytes().data())[99999] == std::byte{} ? 2 : 3);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 74);
}
#endif

TEST_CASE("atomic file: appears with commit, and leaves nothing without it") {
    const embedloom::support::TemporaryFolder folder;
    const auto path = folder.write("a", "old");
    {
        AtomicFile file(path);
        file.write("new");
    }
    CHECK(embedloom::support::read_file(path) == "old");
    AtomicFile file(path);
    file.write("ne");
    file.write("w");
    CHECK(embedloom::support::read_file(path) == "old");
    file.commit();
    CHECK(embedloom::support::read_file(path) == "new");
    CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("atomic file: goes round what a killed process with the same number left") {
    const embedloom::support::TemporaryFolder folder;
    const std::string path = folder / "a";
    const auto beside = [&] { return std::filesystem::directory_iterator(folder.path())->path().string(); };
    std::string name;
    {
        AtomicFile file(path);
        name = beside();
    }
    const std::size_t count_at = name.rfind('-') + 1;
    const std::string next = name.substr(0, count_at) + std::to_string(std::stoul(name.substr(count_at)) + 1);
    folder.write(next.substr(next.rfind('/') + 1), "left");
    write_whole(path, "new");
    CHECK(embedloom::support::read_file(path) == "new");
    CHECK(embedloom::support::read_file(next) == "left");
}

TEST_CASE("atomic file: a missing folder is said with its code") {
    try {
        AtomicFile file("/nonexistent/folder/file");
        FAIL("made a file in a folder that is not there");
    } catch (const Failure& failure) {
        CHECK(failure.first().code == Code::cannot_create);
        CHECK(failure.first().source == "/nonexistent/folder/file");
    }
}

TEST_CASE("file lock: is held by one at a time, in one process too, and let go at the end") {
    const embedloom::support::TemporaryFolder folder;
    FileLock second(folder / "lock");
    {
        FileLock first(folder / "lock");
        CHECK(first.try_lock());
        CHECK_FALSE(second.try_lock());
        int asked = 0;
        CHECK_FALSE(second.wait([&] { return ++asked == 3; }));
        CHECK(asked == 3);
    }
    CHECK(second.wait([] { return true; }));
    CHECK(second.is_held());
}

TEST_CASE("sha256: the standard's examples, and any cut of the input") {
    CHECK(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    CHECK(sha256_hex(std::string(1000000, 'a')) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    const std::string text(300, 'q');
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        Sha256 hash;
        hash.update(std::string_view(text).substr(0, cut));
        hash.update(std::string_view(text).substr(cut));
        REQUIRE(hash.finish_hex() == sha256_hex(text));
    }
}

TEST_CASE("sampled digest: sees the size, the first and the last byte of a large file") {
    std::string text(3 << 20, 'x');
    const auto digest = [&] { return sampled_sha256_hex(std::as_bytes(std::span(text))); };
    const std::string before = digest();
    text.front() = 'y';
    CHECK(digest() != before);
    text.front() = 'x';
    CHECK(digest() == before);
    text.back() = 'y';
    CHECK(digest() != before);
    text.back() = 'x';
    text.push_back('x');
    CHECK(digest() != before);
}
