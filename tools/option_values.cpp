#include "tools/option_values.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <omp.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>

#include "engine/float32.h"
#include "kernels/context.h"
#include "kernels/error.h"
#include "tools/output.h"

namespace stroma {
namespace {

#if STROMA_EMULATED
constexpr bool gpu_is_emulated = true;  // "auto" shall not choose what is slower than the CPU
#elif STROMA_WITH_CUDA
constexpr bool gpu_is_emulated = false;
#endif

/// The whole text as a number of type T.
template <class T>
std::optional<T> read_number(const std::string& text) {
  T value{};
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && stopped == end ? std::optional(value) : std::nullopt;
}

std::string must_be(const std::string& kind, const std::string& given) {
  return fmt::format("must be {}, not \"{}\"", kind, given);
}

}  // namespace

CLI::Validator whole_number(int64_t least, int64_t most) {
  return {[=](const std::string& text) {
            const auto value = read_number<int64_t>(text);
            if (value && *value >= least && *value <= most) return std::string();
            const bool open =
                most == std::numeric_limits<int32_t>::max() && !(value && *value > most);
            return must_be(open ? fmt::format("a whole number of {} or more", least)
                                : fmt::format("a whole number from {} to {}", least, most),
                           text);
          },
          ""};
}

CLI::Validator number_in(const Range& range) {
  std::string kind = range.text();
  if (range.as_float32) {
    kind = fmt::format(
        "{} 1.2e-38 and {} as a 32-bit number", range.with_low ? "0, or at least" : "at least",
        std::isfinite(range.high) ? fmt::format("below {}", range.high) : "at most 3.4e38");
  }
  return {[=](const std::string& text) {
            const auto value = read_number<double>(text);
            bool fits = value && range.contains(*value);
            if (fits && range.as_float32) {
              fits = fits_float32(*value) && range.contains(static_cast<float>(*value));
            }
            return fits ? "" : must_be(kind, text);
          },
          ""};
}

CLI::Validator seed_value() {
  return {[](const std::string& text) {
            return read_number<uint64_t>(text) ? "" : must_be("a whole number under 2^64", text);
          },
          ""};
}

CLI::Option* set_choices(CLI::Option* option, const std::vector<std::string>& names) {
  const CLI::Validator one_of(
      [names](const std::string& text) {
        if (std::find(names.begin(), names.end(), text) != names.end()) return std::string();
        return must_be(fmt::format("{}", fmt::join(names, " or ")), text);
      },
      "");
  return option->type_name(fmt::format("{}", fmt::join(names, "|")))->check(one_of);
}

CLI::Option* add_output_option(CLI::App& command, std::string& path, const std::string& what) {
  return command.add_option("-o,--output", path, what + "; -: standard output")->type_name("FILE");
}

CLI::Option* add_quiet_flag(CLI::App& command, bool& quiet) {
  return command.add_flag("-q,--quiet", quiet, "no messages on standard error, except errors");
}

CLI::Option* add_device_option(CLI::App& command, std::string& device) {
  const CLI::Validator known(
      [](const std::string& name) {
        const bool number_ok = name.starts_with("cuda:") && name.size() <= 8 &&
                               read_number<unsigned>(name.substr(5)).has_value();
        const bool ok = name == "auto" || name == "cpu" || name == "cuda" || number_ok;
        return ok ? "" : must_be("auto, cpu, cuda or cuda:NUMBER", name);
      },
      "");
  return command.add_option("--device", device, "where to compute")
      ->type_name("auto|cpu|cuda[:N]")
      ->check(known);
}

CLI::Option* add_precision_option(CLI::App& command, std::string& precision) {
  return set_choices(
      command.add_option("--precision", precision, "of the factors of matrix products, on a GPU"),
      names_of<Precision>());
}

CLI::Option* add_threads_option(CLI::App& command, int& threads) {
  threads = omp_get_num_procs();
  return command.add_option("--threads", threads, "threads on the CPU")
      ->type_name("N")
      ->default_str("the cores available")
      ->check(whole_number(1, 1024));
}

std::optional<Precision> asked_precision(const std::string& name) {
  if (name.empty()) return {};
  return named<Precision>(name);
}

std::string chosen_device(const std::string& name, bool quiet) {
  if (name == "cpu") return name;
  const Messages messages(quiet);
#if STROMA_WITH_CUDA
  if (name != "auto") {
    const std::string device = name == "cuda" ? "cuda:0" : name;
    cuda_context(std::stoi(device.substr(5)));
    return device;
  }
  if (gpu_is_emulated) return "cpu";
  const std::string problem = cuda_problem(0);
  if (problem.empty()) return "cuda:0";
  messages.print("Computing on the CPU: " + problem + ".");
#else
  if (name != "auto") {
    throw Error(
        "this build of stroma has no GPU support; scripts/build.sh cuda makes one that has, "
        "--device cpu needs none");
  }
  if (std::filesystem::exists("/proc/driver/nvidia/version")) {
    messages.print(
        "Computing on the CPU: this build of stroma has no GPU support; "
        "scripts/build.sh cuda makes one that has.");
  }
#endif
  return "cpu";
}

}  // namespace stroma
