// Numbers and errors as text.
#include <embedloom/cli/report.h>
#include <embedloom/cli/text_width.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>

namespace embedloom::cli {

namespace {

std::string fixed(double number, int digits) {
    char text[64];
    std::snprintf(text, sizeof text, "%.*f", digits, number);
    return text;
}

/// "3.21 M".
std::string scaled(double number) {
    if (number >= 1e9) return fixed(number / 1e9, 2) + " G";
    if (number >= 1e6) return fixed(number / 1e6, 2) + " M";
    return number >= 1e3 ? fixed(number / 1e3, 1) + " k" : fixed(number, 0) + " ";
}

std::string clock(double seconds) {
    const auto whole = static_cast<std::uint64_t>(seconds + 0.5);
    char text[32];
    if (whole >= 3600)
        std::snprintf(text, sizeof text, "%llu:%02llu:%02llu", static_cast<unsigned long long>(whole / 3600),
                      static_cast<unsigned long long>(whole / 60 % 60), static_cast<unsigned long long>(whole % 60));
    else
        std::snprintf(text, sizeof text, "%llu:%02llu", static_cast<unsigned long long>(whole / 60),
                      static_cast<unsigned long long>(whole % 60));
    return text;
}

struct Entry {
    const char* name;
    std::int64_t number;
};

std::vector<Entry> entries_of(const loom::Ledger& ledger) {
    const auto entry = [](const char* name, std::uint64_t number) { return Entry{name, static_cast<std::int64_t>(number)}; };
    return {entry("read", ledger.read), {"split", ledger.split}, entry("emitted", ledger.emitted), entry("filtered", ledger.filtered),
            entry("skipped", ledger.skipped), entry("quarantined", ledger.quarantined), entry("cut_at_tail", ledger.cut_at_tail),
            entry("pending", ledger.pending), {"elsewhere", ledger.elsewhere}};
}

bool is_balanced(const run::Progress& progress) { return progress.ledger.balance() == 0; }

double pad_share(const run::Progress& progress) {
    return progress.padded_tokens ? 1.0 - static_cast<double>(progress.tokens) / static_cast<double>(progress.padded_tokens) : 0;
}

}  // namespace

std::function<void(base::Severity, std::string_view)> log_to_stderr(Notes notes) {
    return [notes](base::Severity severity, std::string_view text) {
        if (severity == base::Severity::note && notes == Notes::hidden) return;
        std::cerr << (std::string(severity == base::Severity::note ? "note: " : "warning: ") += text) + "\n";
    };
}

int report(const base::Failure& failure, Style style) {
    std::cout.flush();
    for (const base::Error& error : failure.errors())
        std::cerr << (style == Style::machines ? base::to_json(error) : "error: " + base::one_line(error)) << "\n";
    return static_cast<int>(failure.first().code);
}

std::string grouped(std::uint64_t number) {
    std::string digits = std::to_string(number);
    for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
    return digits;
}

namespace {
std::string signed_text(std::int64_t number) {
    return (number < 0 ? "-" : "") + grouped(static_cast<std::uint64_t>(std::abs(number)));
}
}  // namespace

std::string ledger_table(const run::Progress& progress) {
    std::vector<Entry> shown = entries_of(progress.ledger);
    std::erase_if(shown, [](const Entry& entry) { return !entry.number && entry.name != std::string("read") && entry.name != std::string("emitted"); });
    std::size_t width = 8;
    for (const Entry& entry : shown) width = std::max(width, signed_text(entry.number).size());
    std::string out = padded("ledger", 12, Align::left) + padded("records", width, Align::right) + "\n";
    for (const Entry& entry : shown) out += padded(entry.name, 12, Align::left) + padded(signed_text(entry.number), width, Align::right) + "\n";
    if (progress.ledger.repeats) out += "and " + grouped(progress.ledger.repeats) + " rows dealt again to fill the last batch\n";
    if (progress.passed_over) out += "and " + grouped(progress.passed_over) + " blank lines, which are no records\n";
    const std::string read = progress.ledger.split ? "read and split are" : "read is";
    return out + (is_balanced(progress) ? "balanced: " + read + " the sum of the rest\n" : "NOT BALANCED: this is a bug\n");
}

std::string progress_json(const run::Progress& progress, double seconds) {
    std::string out = "{\"ledger\":{";
    for (const Entry& entry : entries_of(progress.ledger))
        out += std::string(out.back() == '{' ? "" : ",") + "\"" + entry.name + "\":" + std::to_string(entry.number);
    out += ",\"repeats\":" + std::to_string(progress.ledger.repeats) +
           ",\"passed_over\":" + std::to_string(progress.passed_over) +
           ",\"balanced\":" + (is_balanced(progress) ? "true" : "false") + "}";
    const auto number = [&](const char* name, std::uint64_t value) {
        out += ",\"" + std::string(name) + "\":" + std::to_string(value);
    };
    number("batches", progress.batches);
    number("rows", progress.rows);
    number("tokens", progress.tokens);
    number("padded_tokens", progress.padded_tokens);
    number("text_bytes", progress.text_bytes);
    out += ",\"seconds\":" + fixed(seconds, 6) + ",\"wait_seconds\":" +
           fixed(static_cast<double>(progress.wait_nanoseconds) * 1e-9, 6) + ",\"stage_seconds\":{";
    for (std::size_t i = 0; i < progress.stage_nanoseconds.size(); ++i)
        out += std::string(i ? "," : "") + "\"" + run::stage_names()[i] + "\":" +
               fixed(static_cast<double>(progress.stage_nanoseconds[i]) * 1e-9, 6);
    return out + "}}";
}

std::string progress_line(const run::Progress& progress, double seconds) {
    const double rate = seconds > 0 ? 1.0 / seconds : 0;
    std::string out = grouped(progress.rows) + " rows  " + scaled(static_cast<double>(progress.tokens) * rate) + "tokens/s  " +
                      fixed(static_cast<double>(progress.text_bytes) * 1e-6 * rate, 1) + " MB/s  ";
    if (progress.share) {
        out += fixed(*progress.share * 100, 0) + " % done";
        if (*progress.share > 0.01 && *progress.share < 1)
            out += ", " + clock(seconds * (1 - *progress.share) / *progress.share) + " left";
        out += "  ";
    }
    return out + fixed(pad_share(progress) * 100, 1) + " % pads";
}

}  // namespace embedloom::cli
