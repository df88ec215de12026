// The settings of a conformance run, from text.
#include <embedloom/base/error.h>
#include <embedloom/testkit/conformance.h>

#include <sstream>

namespace embedloom::testkit {

Settings read_settings(std::string_view text, const std::string& source) {
    Settings settings;
    std::istringstream lines{std::string(text)};
    std::string line;
    for (std::uint64_t number = 1; std::getline(lines, line); ++number) {
        std::istringstream words(line.substr(0, line.find('#')));
        std::string stage, word;
        if (!(words >> stage)) continue;
        auto& parameters = settings[stage];
        while (words >> word) {
            const std::size_t equals = word.find('=');
            if (equals == word.npos || stage.find('/') == stage.npos)
                throw base::Failure(base::Error{.code = base::Code::usage, .source = source, .line = number, .found = line,
                                                .expected = "kind/name parameter=value ..."});
            parameters[word.substr(0, equals)] = word.substr(equals + 1);
        }
    }
    return settings;
}

}  // namespace embedloom::testkit
