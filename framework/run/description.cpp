// Translation of parameter tables.
#include <embedloom/host/kind.h>
#include <embedloom/run/description.h>

namespace embedloom::run {

namespace {

std::string string_of(el_text text) { return std::string(host::view_of(text)); }

config::Type type_of(std::uint32_t type) {
    switch (type) {
        case EL_PARAMETER_BOOLEAN: return config::Type::boolean;
        case EL_PARAMETER_INTEGER: return config::Type::integer;
        case EL_PARAMETER_NUMBER: return config::Type::number;
        case EL_PARAMETER_CHOICE: return config::Type::choice;
        case EL_PARAMETER_PATH: return config::Type::path;
        case EL_PARAMETER_FILES: return config::Type::files;
        case EL_PARAMETER_DIRECTORY: return config::Type::directory;
        case EL_PARAMETER_SIZE: return config::Type::size;
        case EL_PARAMETER_TEXTS: return config::Type::texts;
        case EL_PARAMETER_STAGE: return config::Type::stage;
        default: return config::Type::text;
    }
}

config::Parameter parameter_of(const el_parameter& row) {
    config::Parameter out{.name = string_of(row.name), .type = type_of(row.type), .is_required = (row.flags & EL_REQUIRED) != 0,
                          .minimum = row.minimum, .maximum = row.maximum, .unit = string_of(row.unit),
                          .doc = string_of(row.doc), .keeps_rows = (row.flags & EL_KEEPS_ROWS) != 0};
    if (row.default_value.data) out.fallback = string_of(row.default_value);
    for (std::uint32_t i = 0; i < row.choice_count; ++i) out.choices.push_back(string_of(row.choices[i]));
    if (row.type == EL_PARAMETER_STAGE) out.stage_kind = host::kind_name(row.stage_kind);
    return out;
}

}  // namespace

config::StageDescription description_of(const el_stage& stage) {
    config::StageDescription out{.kind = std::string(host::kind_name(stage.kind)), .name = string_of(stage.name),
                                 .version = string_of(stage.version), .summary = string_of(stage.summary),
                                 .doc = string_of(stage.doc)};
    for (std::uint32_t i = 0; i < stage.parameter_count; ++i) out.parameters.push_back(parameter_of(stage.parameters[i]));
    return out;
}

config::Catalogue catalogue_of(host::Registry& registry) {
    config::Catalogue out;
    for (const host::Listing& listing : registry.listings()) {
        if (!listing.shadowed_by.empty()) continue;
        try {
            if (const el_stage* stage = registry.find(listing.stage.kind, listing.stage.name)) out.add(description_of(*stage));
        } catch (const base::Failure&) {
            // Remembered by the registry; the config that names it is told why.
        }
    }
    return out;
}

}  // namespace embedloom::run
