// Reading an Arrow C stream to its end, and which source is to have it.
#include <embedloom/run/lent_records.h>

#include <cstring>

namespace embedloom::run {

namespace {

constexpr const char* how_to_override = "give the source anew, as in the override {\"source\": {\"use\": \"arrow\", \"text\": \"text\"}}";

void require(int status, ArrowArrayStream& stream, const char* what) {
    if (status == 0) return;
    const char* said = stream.get_last_error ? stream.get_last_error(&stream) : nullptr;
    throw base::Failure({.code = base::Code::bad_data, .stage = "source", .found = std::string("records whose ") + what + " could not be read",
                         .cause = said && *said ? said : std::strerror(status)});
}

/// Releases the stream whatever becomes of the reading.
struct Ended {
    ArrowArrayStream& stream;
    ~Ended() {
        if (stream.release) stream.release(&stream);
    }
};

}  // namespace

std::shared_ptr<const LentRecords> LentRecords::take(ArrowArrayStream& stream) {
    if (!stream.release)
        throw base::Failure({.code = base::Code::usage, .stage = "source", .found = "a stream of records that was read before",
                             .hint = "give the table itself: it makes a new stream each time"});
    const Ended end{stream};
    const std::shared_ptr<LentRecords> out(new LentRecords);
    out->read(stream);
    return out;
}

void LentRecords::read(ArrowArrayStream& stream) {
    require(stream.get_schema(&stream, &schema_), stream, "types");
    for (;;) {
        auto chunk = std::make_unique<ArrowArray>();
        require(stream.get_next(&stream, chunk.get()), stream, "rows");
        if (!chunk->release) break;
        chunks_.push_back(std::move(chunk));
        shown_.push_back(chunks_.back().get());
    }
    view_ = {.size = sizeof(el_records), .reserved = 0, .schema = &schema_, .chunks = shown_.data(), .chunk_count = shown_.size()};
}

LentRecords::~LentRecords() {
    for (const auto& chunk : chunks_) chunk->release(chunk.get());
    if (schema_.release) schema_.release(&schema_);
}

void choose_source_of_records(config::Document& document) {
    using config::Kind;
    config::Node& root = document.root;
    if (root.kind != Kind::map) return;
    config::Node* source = root.find("source");
    if (!source) {
        root.entries.push_back({"source", root.mark, {.mark = root.mark}});
        source = &root.entries.back().value;
    }
    if (source->kind == Kind::empty || source->kind == Kind::null) source->kind = Kind::map;
    if (source->kind != Kind::map || source->is_told) return;
    if (config::Node* files = source->find("files"); files && files->kind != Kind::null) {
        document.mistakes.push_back(config::at(files->mark, {.key_path = "source.files", .found = "files, and records beside the config",
                                                                   .expected = "one of them", .hint = how_to_override}));
        source->is_told = true;  // what else is wrong with it does not matter
    }
    if (!source->find("use"))
        source->entries.push_back({"use", source->mark, {.kind = Kind::scalar, .is_plain = true, .mark = source->mark, .text = "arrow"}});
}

base::Error records_not_taken(const config::Spec& spec) {
    return config::error_at(spec.source(), {.found = "records beside a config whose source is '" + spec.source().use + "'",
                                            .expected = "a source that takes them: arrow", .hint = how_to_override});
}

}  // namespace embedloom::run
