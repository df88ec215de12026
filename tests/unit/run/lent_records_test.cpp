// Streams of records are read to their end and released once, and a config is told what they mean for its source.
#include <embedloom/run/lent_records.h>

#include "support/catch.hpp"

using namespace embedloom;
using run::LentRecords;

namespace {

/// A stream of chunks of no columns that counts what is released.
struct Stream {
    explicit Stream(int count) : chunks(count) {
        abi = {&Stream::get_schema, &Stream::get_next, &Stream::last_error, [](ArrowArrayStream* stream) {
                   ++of(stream).streams_released;
                   stream->release = nullptr;
               }, this};
    }
    static Stream& of(ArrowArrayStream* stream) { return *static_cast<Stream*>(stream->private_data); }
    static int get_schema(ArrowArrayStream* stream, ArrowSchema* out) {
        if (of(stream).fails_with_schema) return EIO;
        *out = {"+s", "", nullptr, 0, 0, nullptr, nullptr, [](ArrowSchema* schema) {
                    ++static_cast<Stream*>(schema->private_data)->schemas_released;
                    schema->release = nullptr;
                }, stream->private_data};
        return 0;
    }
    static int get_next(ArrowArrayStream* stream, ArrowArray* out) {
        Stream& self = of(stream);
        if (self.given == self.fails_at) return EINVAL;
        *out = {};
        if (self.given == self.chunks) return 0;
        out->length = self.given++;
        out->private_data = &self;
        out->release = [](ArrowArray* array) {
            ++static_cast<Stream*>(array->private_data)->chunks_released;
            array->release = nullptr;
        };
        return 0;
    }
    static const char* last_error(ArrowArrayStream* stream) { return of(stream).fails_with_schema ? nullptr : "no more paper"; }

    ArrowArrayStream abi{};
    int chunks, given = 0, fails_at = -1;
    bool fails_with_schema = false;
    int chunks_released = 0, schemas_released = 0, streams_released = 0;
};

base::Error failure_of(ArrowArrayStream& stream) {
    try {
        LentRecords::take(stream);
    } catch (const base::Failure& failure) {
        return failure.first();
    }
    return {.found = "nothing"};
}

config::Node source_of(const std::string& text, std::size_t mistakes = 0) {
    config::Document document = config::open_text(text, "c.yaml", "/", {});
    run::choose_source_of_records(document);
    CHECK(document.mistakes.size() == mistakes);
    const config::Node* source = document.root.find("source");
    return source ? *source : config::Node{};
}

std::string use_of(const config::Node& source) {
    const config::Node* use = source.find("use");
    return use ? use->text : "none";
}

}  // namespace

TEST_CASE("lent records: all chunks are shown, and released when the last holder is gone") {
    Stream stream(3);
    std::shared_ptr<const LentRecords> lent = LentRecords::take(stream.abi);
    CHECK(stream.streams_released == 1);
    REQUIRE(lent->view().chunk_count == 3);
    CHECK(lent->view().chunks[2]->length == 2);
    CHECK(std::string(lent->view().schema->format) == "+s");
    std::shared_ptr<const LentRecords> other = lent;
    lent.reset();
    CHECK(stream.chunks_released == 0);
    other.reset();
    CHECK(stream.chunks_released == 3);
    CHECK(stream.schemas_released == 1);
}

TEST_CASE("lent records: a stream that fails is told with its own reason, and all that it gave is released") {
    Stream stream(3);
    stream.fails_at = 2;
    const base::Error error = failure_of(stream.abi);
    CHECK(error.code == base::Code::bad_data);
    CHECK(error.found == "records whose rows could not be read");
    CHECK(error.cause == "no more paper");
    CHECK(stream.chunks_released == 2);
    CHECK(stream.schemas_released == 1);
    CHECK(stream.streams_released == 1);
    Stream silent(1);
    silent.fails_with_schema = true;
    CHECK(failure_of(silent.abi).cause == "Input/output error");
    CHECK(silent.streams_released == 1);
    CHECK(failure_of(silent.abi).found == "a stream of records that was read before");
}

TEST_CASE("lent records: a source without `use` is arrow and keeps its keys; one that says what it is stays") {
    CHECK(use_of(source_of("batch: {size: 1}")) == "arrow");
    CHECK(use_of(source_of("source:")) == "arrow");
    CHECK(use_of(source_of("source: null")) == "arrow");
    const config::Node kept = source_of("source: {text: body, label: good}");
    CHECK(use_of(kept) == "arrow");
    CHECK(kept.find("text")->text == "body");
    CHECK(use_of(source_of("source: {use: other, text: body}")) == "other");
    CHECK(source_of("source: other").text == "other");
}

TEST_CASE("lent records: a source that names files is a mistake at its place, and no other mistake of it is told") {
    const config::Node source = source_of("source: {use: jsonl, files: [nowhere]}", 1);
    CHECK(source.is_told);
    CHECK(use_of(source_of("source: {use: arrow, files: null}")) == "arrow");
}
