// A command of the program: its name, what it is for, and how it is run.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace embedloom::cli {

struct Command {
    const char* name;
    const char* arguments;  ///< "CONFIG"
    const char* summary;    ///< one line for the list of commands
    int (*run)(const std::vector<std::string>& arguments);  ///< without the command's name; returns the exit code
};

/// All commands, in the order of the help.
std::span<const Command> commands();

int run_command(const std::vector<std::string>& arguments);
int check_command(const std::vector<std::string>& arguments);
int show_command(const std::vector<std::string>& arguments);
int bench_command(const std::vector<std::string>& arguments);
int plugins_command(const std::vector<std::string>& arguments);
int describe_command(const std::vector<std::string>& arguments);
int schema_command(const std::vector<std::string>& arguments);
int template_command(const std::vector<std::string>& arguments);

}  // namespace embedloom::cli
