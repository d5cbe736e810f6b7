#include "tools/model_source.h"

#include <filesystem>
#include <utility>

#include "tools/data_options.h"
#include "tools/usage.h"
#include "training/weights.h"

namespace stroma {

void add_model_source(CLI::App& command, ModelSource& source) {
  command.add_option("RUN", source.run, "a run directory of stroma train; none with --model")
      ->required();
  command
      .add_option("--model", source.model,
                  "a built-in model or the TOML file of one, with --weights, in place of a RUN")
      ->type_name("NAME|FILE");
  command.add_option("--weights", source.weights, "the safetensors file of the weights of --model")
      ->type_name("FILE");
  command.add_flag("--no-standardize", source.no_standardize,
                   "of --model: leave the one-hot input as it is where the model would standardise "
                   "it");
}

std::optional<std::string> data_in_place_of_run(ModelSource& source) {
  if (source.model.empty() != source.weights.empty()) {
    fail_usage(source.model.empty() ? "--weights needs --model, which says what they are of"
                                    : "--model needs --weights, a safetensors file");
  }
  if (!source.model.empty()) {
    std::error_code error;
    if (std::filesystem::is_directory(source.run, error)) {
      fail_usage(source.run +
                 " is a directory; a RUN does not go with --model, which has its weights from "
                 "--weights, and DATA are files");
    }
    return std::exchange(source.run, "");
  }
  if (source.no_standardize) fail_usage("--no-standardize belongs to --model; a run has its own");
  return {};
}

std::vector<std::string> inputs_of(const ModelSource& source) {
  if (source.model.empty()) return inputs_of_run(source.run, {});
  return {source.model, source.weights};
}

LoadedRun load_model(const ModelSource& source, Device device, std::optional<Precision> precision,
                     std::vector<std::string>& notes) {
  if (source.model.empty()) return load_run(source.run, device, notes, precision);
  ModelSpec spec = load_model_spec(source.model);
  if (source.no_standardize) spec.standardize = false;
  return load_given(spec, source.weights, device, precision);
}

}  // namespace stroma
