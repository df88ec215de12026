// The stages of a pipeline, made from a checked config, and the facts they gave.
#pragma once

#include <embedloom/config/spec.h>
#include <embedloom/embed/table_view.h>
#include <embedloom/host/registry.h>
#include <embedloom/host/services.h>
#include <embedloom/host/objective_stage.h>
#include <embedloom/host/position_stage.h>
#include <embedloom/host/segment_stage.h>
#include <embedloom/host/sink_stage.h>
#include <embedloom/host/source_stage.h>
#include <embedloom/host/table_stage.h>
#include <embedloom/host/tokenizer_stage.h>

#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace embedloom::run {

/// The tables of the embedding.
struct EmbeddingStages {
    std::optional<host::TableStage> token, segment, norm_weight, norm_bias;
};

/// Everything a config names, configured. Stages point into `services`: neither moves.
struct Stages {
    host::Services services;
    std::optional<host::SourceStage> source;
    std::optional<host::TokenizerStage> tokenizer;
    std::optional<host::SegmentStage> segment;
    std::optional<host::ObjectiveStage> objective;
    std::optional<host::PositionStage> position;
    std::optional<host::SinkStage> sink;
    EmbeddingStages embedding;
    std::vector<el_column> objective_columns;  ///< as declared, of one that could not be made too

    std::vector<std::uint32_t> segment_fields;          ///< which field of a record each field of the segment is: texts, or tokens
    std::optional<std::uint32_t> label_field;           ///< of the record
    std::optional<std::uint32_t> row_field;             ///< of the record: its number in a table

    /// A field of the segment comes as tokens: nothing is known of its texts.
    bool has_given_tokens() const;
};

/// Makes the stages of one config.
struct StageMaking {
    const config::Spec* spec;
    host::Registry* registry;
    std::uint32_t workers;  ///< that may call at the same time: each has scratch memory of its own
    bool without_sink;
    std::span<const base::Error> told = {};  ///< mistakes of the config: stages that they are of are left out
};

/// Whether one of the mistakes is of this path of the config, or of what is below it.
bool is_told(std::span<const base::Error> mistakes, std::string_view path);

/// Fills `stages` (whose services are set). What is wrong with any stage is added to `errors`, with the place in the config; stages
/// that need a broken one are then left out.
void make_stages(const StageMaking& making, Stages& stages, std::vector<base::Error>& errors);

/// One stage alone; null, and errors, where it cannot be made.
std::shared_ptr<host::Instance> make_stage(const StageMaking& making, const config::Section& section, Stages& stages,
                                           std::vector<base::Error>& errors);

/// Tables whose file is not any more what it was when it was mapped: an error each.
std::vector<base::Error> changed_tables(const Stages& stages);

/// The table as kernels see it.
embed::TableView view_of(const host::TableStage& table);

}  // namespace embedloom::run
