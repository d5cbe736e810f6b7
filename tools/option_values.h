// What values options take, checked while the command line is read.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "engine/precision.h"
#include "kernels/error.h"
#include "layers/range.h"

namespace stroma {

CLI::Validator whole_number(int64_t least, int64_t most = std::numeric_limits<int32_t>::max());

/// A number of `range`: of one in 32 bits, from 0 on.
CLI::Validator number_in(const Range& range);

/// 0 … 2^64 − 1.
CLI::Validator seed_value();

/// A text that `read` takes; what it says in an Error of another is told.
template <class Read>
CLI::Validator readable(Read read) {
  return {[read](const std::string& text) -> std::string {
            try {
              read(text);
              return "";
            } catch (const Error& error) {
              return error.what();
            }
          },
          ""};
}

/// Lets an option take one of `names` and says so in its help.
CLI::Option* set_choices(CLI::Option* option, const std::vector<std::string>& names);

/// Options that several commands have.
CLI::Option* add_output_option(CLI::App& command, std::string& path, const std::string& what);
CLI::Option* add_quiet_flag(CLI::App& command, bool& quiet);
CLI::Option* add_device_option(CLI::App& command, std::string& device);
/// How to round the factors of matrix products on a GPU: one of names_of<Precision>().
CLI::Option* add_precision_option(CLI::App& command, std::string& precision);
CLI::Option* add_threads_option(CLI::App& command, int& threads);

/// The device that "auto", "cpu", "cuda" or "cuda:1" means here: "cpu" or "cuda:0". "auto" is the
/// first GPU, or the CPU where none can be used; then, unless `quiet`, standard error says why.
/// Throws Error for a GPU in a build that has none, or that cannot be used.
std::string chosen_device(const std::string& name, bool quiet);

/// None for "".
std::optional<Precision> asked_precision(const std::string& name);

}  // namespace stroma
