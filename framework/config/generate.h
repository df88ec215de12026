// What is written from the tables of parameters: help, docs, templates and editor schemas. None of it is kept
// by hand.
#pragma once

#include <embedloom/config/description.h>

#include <string>
#include <vector>

namespace embedloom::config {

/// What a stage does and its parameters, for a terminal of 100 columns.
std::string describe_text(const StageDescription& stage);

/// Tables of all keys of the core and of every stage, in Markdown: the body of docs/config.md.
std::string markdown_reference(const Catalogue& catalogue);

/// A JSON Schema (draft 2020-12) of configs with these stages, for editors: completion, help, checks while
/// typing.
std::string json_schema(const Catalogue& catalogue);

/// A config to fill in. `stages` are "PATH=NAME": "tokenizer=wordpiece", "embedding.token=safetensors",
/// "position.table=npy". Every key stands there with its meaning; what has a default is commented out with
/// it, what must be given is "<...>". Throws base::Failure (usage) for a path that is no stage and a name
/// that is no plugin.
std::string config_template(const Catalogue& catalogue, const std::vector<std::string>& stages);

/// `text` in lines of at most `width` characters, each after `indent`.
std::string wrapped(const std::string& text, std::size_t width, const std::string& indent);

/// A parameter in one line: what it is, whether it must be given, else its default.
std::string presence(const Parameter& parameter);

}  // namespace embedloom::config
