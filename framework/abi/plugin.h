/* What a plugin exports: one constant that declares its stages and their parameters, and a note that can be read without
 * loading the file.
 *
 *   __attribute__((visibility("default"))) const struct el_plugin embedloom_plugin = {...};
 *
 * Life of a stage: create -> configure -> facts (kind) -> calls (kind) ... -> destroy. Libraries are never unloaded. */
#ifndef EMBEDLOOM_ABI_PLUGIN_H
#define EMBEDLOOM_ABI_PLUGIN_H

#include "host.h"
#include "types.h"

#define EL_ABI_MAJOR 0 /* 0: any change of a header may break; the host then accepts the same minor only */
#define EL_ABI_MINOR 1
#define EL_MAGIC "EMBDLOOM" /* 8 bytes, without the NUL */

/* Kinds of stages. Each has a header with its functions, <kind>.h. */
typedef uint32_t el_kind;
enum {
    EL_KIND_SOURCE = 1,
    EL_KIND_PREPARE = 2, /* reserved: no functions yet */
    EL_KIND_TOKENIZER = 3,
    EL_KIND_SEGMENT = 4,
    EL_KIND_OBJECTIVE = 5,
    EL_KIND_POSITION = 6,
    EL_KIND_TABLE = 7,
    EL_KIND_SINK = 8
};

/* What the calls on one instance may do at once. */
enum {
    EL_SERIAL = 0, /* one [any-thread] call at a time: the host locks */
    EL_PURE = 1    /* any number at once; results depend on the arguments alone */
};

/* Types of parameters, with how YAML writes them. */
enum {
    EL_PARAMETER_BOOLEAN = 1,   /* true, false */
    EL_PARAMETER_INTEGER = 2,   /* 512 */
    EL_PARAMETER_NUMBER = 3,    /* 0.15 */
    EL_PARAMETER_TEXT = 4,      /* any text */
    EL_PARAMETER_CHOICE = 5,    /* one of `choices` */
    EL_PARAMETER_PATH = 6,      /* an existing file; the value is absolute */
    EL_PARAMETER_FILES = 7,     /* files, folders, globs; the value is the list of files, absolute and sorted */
    EL_PARAMETER_DIRECTORY = 8, /* a folder for output, made if missing; the value is absolute */
    EL_PARAMETER_SIZE = 9,      /* bytes: 65536, 64 KiB */
    EL_PARAMETER_TEXTS = 10,    /* a list of texts */
    EL_PARAMETER_STAGE = 11     /* another stage of kind `stage_kind`, configured before this one */
};

enum {
    EL_REQUIRED = 1,      /* no default: must be given */
    EL_KEEPS_ROWS = 2     /* can change no row: left out of the fingerprint */
};

/* One row of a stage's parameter table: the source of checks, help, docs and editor schemas. */
typedef struct el_parameter {
    uint32_t size;
    uint32_t type;
    uint32_t flags;
    el_kind stage_kind;    /* EL_PARAMETER_STAGE only */
    el_text name;          /* snake_case */
    el_text doc;           /* one or two sentences */
    el_text unit;          /* "tokens", "bytes"; may be empty */
    el_text default_value; /* as YAML writes it; data NULL: none, so the value may be unset */
    double minimum;        /* INTEGER, NUMBER, SIZE: inclusive; -inf, inf: no bound */
    double maximum;
    const el_text* choices;
    uint32_t choice_count;
    uint32_t reserved;
} el_parameter;

/* A stage that is the parameter of another: its kind's functions and the instance to call them on. */
typedef struct el_stage_handle {
    uint32_t size;
    el_kind kind;
    void* instance;
    const void* functions; /* of <kind>.h */
} el_stage_handle;

/* The value of a parameter, checked against its table. Unset: is_set 0 and everything else zero. */
typedef struct el_value {
    uint32_t size;
    uint32_t type; /* EL_PARAMETER_... */
    uint32_t is_set;
    uint32_t list_count;
    int64_t integer;     /* BOOLEAN (0, 1), INTEGER, SIZE */
    double number;       /* NUMBER */
    el_text text;        /* TEXT, CHOICE, PATH, DIRECTORY */
    const el_text* list; /* FILES, TEXTS */
    const el_stage_handle* stage;
} el_value;

/* Axes of a column of results. */
enum { EL_AXIS_ROW = 1, EL_AXIS_TOKEN = 2 };

/* A column that an objective makes: it becomes a tensor of the batch under this name, [B] or [B,S]. */
typedef struct el_column {
    uint32_t size;
    el_dtype dtype;
    uint32_t axis;
    uint32_t reserved;
    el_text name;
    el_text doc;
    int64_t pad; /* what stands where a row has no token */
} el_column;

/* A stage: plain constant data. Instances are opaque to the host.
 * create     [main] makes an instance; `host` lives until destroy
 * configure  [main] once, values in the order of `parameters`; problems name the parameter, several at once
 * destroy    [main] also after a configure that failed
 * scratch_*  [any-thread] an object per (instance, worker), lent to one call at a time; both may be NULL. What is kept in it
 *            must never change a result. */
typedef struct el_stage {
    uint32_t size;
    el_kind kind;
    uint32_t concurrency; /* EL_SERIAL or EL_PURE */
    uint32_t parameter_count;
    el_text name;    /* what `use:` says */
    el_text version; /* major.minor.patch; major changes when equal input may give other output */
    el_text summary; /* one line */
    el_text doc;     /* Markdown */
    const el_parameter* parameters;
    const el_column* columns;
    uint32_t column_count;
    uint32_t reserved;
    el_status (*create)(const el_host* host, void** instance, const el_problems* problems);
    el_status (*configure)(void* instance, const el_value* values, uint32_t count, const el_problems* problems);
    void (*destroy)(void* instance);
    el_status (*scratch_create)(void* instance, void** scratch);
    void (*scratch_destroy)(void* instance, void* scratch);
    const void* functions; /* of <kind>.h; starts with its size */
} el_stage;

/* The exported constant `embedloom_plugin`. */
typedef struct el_plugin {
    char magic[8];
    uint32_t size;
    uint16_t abi_major;
    uint16_t abi_minor;
    el_text build; /* compiler and standard library, for messages */
    const el_stage* const* stages;
    uint32_t stage_count;
    uint32_t reserved;
} el_plugin;

/* The ELF note (section .note.embedloom, name "Embedloom", type EL_NOTE_TYPE): this head, then `bytes` bytes of text, a line
 * "kind/name version\n" for each stage. The host reads it before it loads the file, since loading runs code. */
#define EL_NOTE_NAME "Embedloom"
#define EL_NOTE_TYPE 1
typedef struct el_note {
    uint16_t abi_major;
    uint16_t abi_minor;
    uint32_t bytes;
} el_note;

#endif
