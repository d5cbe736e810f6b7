#include "training/weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "engine/precision.h"
#include "kernels/error.h"
#include "layers/keras_layout.h"
#include "layers/loss.h"
#include "training/fingerprint.h"
#include "training/finite.h"
#include "training/run_parts.h"

namespace stroma {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

void check_finite(const std::map<std::string, Tensor>& weights) {
  for (const auto& [name, tensor] : weights) {
    // Another type is refused by Network::load.
    if (tensor.dtype() == DType::float32 && !all_finite(tensor)) {
      throw Error("'" + name +
                  "' is not made of finite numbers; there is nothing to compute from, take other "
                  "weights");
    }
  }
}

/// Leaves of the tensors those that the metadata calls weights, where it tells.
void keep_weights(const SafetensorsFile& file, std::map<std::string, Tensor>& tensors) {
  const auto names = file.metadata.find("weights");
  if (names == file.metadata.end()) return;
  const auto weights = Json::parse(names->second).get<std::set<std::string>>();
  std::erase_if(tensors, [&](const auto& tensor) { return !weights.contains(tensor.first); });
}

void read_metadata(const SafetensorsFile& file, GivenWeights& given) {
  const auto& metadata = file.metadata;
  const auto program = metadata.find("program");
  if (program == metadata.end() || program->second != "stroma") return;
  keep_weights(file, given.tensors);
  if (const auto letters = metadata.find("letters"); letters != metadata.end()) {
    given.letters = letters->second;
  }
  given.length = std::stoll(metadata.at("length"));
  if (given.length < 1 || given.length > std::numeric_limits<int32_t>::max()) {
    throw Error("a length of " + metadata.at("length"));
  }
  if (const auto labels = metadata.find("labels"); labels != metadata.end()) {
    Json::parse(labels->second).get_to(given.labels);
  }
  const auto text = metadata.find("standardization");
  given.knows_standardization = text != metadata.end();
  if (!given.knows_standardization) return;
  const Json standardization = Json::parse(text->second);
  if (standardization.is_null()) return;
  standardization.at("mean").get_to(given.mean);
  standardization.at("inverse_sd").get_to(given.inverse_sd);
}

/// The number of classes of weights that name no labels, by what their last layer gives.
int64_t classes_of(const ModelSpec& spec, const std::map<std::string, Tensor>& weights) {
  const bool one_logit = loss_named(spec.training.loss.text).one_logit;
  const std::string& layer = spec.layers.back().name;
  if (const auto kernel = weights.find(layer + "/kernel");  // Keras'
      kernel != weights.end() && kernel->second.shape().size() == 2) {
    return one_logit ? 2 : kernel->second.shape().back();
  }
  const std::string name = layer + ".weight";
  const auto found = weights.find(name);
  if (found == weights.end() || found->second.shape().empty() || found->second.count() == 0) {
    throw Error("the weights do not fit the model '" + spec.name + "': '" + name + "' is missing");
  }
  return one_logit ? 2 : found->second.shape().front();
}

void check_standardization(const ModelSpec& spec, const GivenWeights& given) {
  if (spec.standardize && !given.knows_standardization) {
    throw Error("the model " + spec.name +
                " standardises its input, and the file does not say by which means and "
                "deviations; take a file that stroma export wrote, or add --no-standardize if the "
                "weights were trained without");
  }
  const std::size_t size = given.length * spec.letters.size();
  if (!given.mean.empty() && (given.mean.size() != size || given.inverse_sd.size() != size)) {
    throw Error(fmt::format("its standardisation has {} numbers, and the model {} needs {}",
                            given.mean.size(), spec.name, size));
  }
}

}  // namespace

SafetensorsFile weights_file(const Network& network, const RunConfig& config, Layout layout) {
  SafetensorsFile file;
  for (const auto& [name, tensor] : network.state()) file.tensors[name] = tensor.to(Device{});
  if (layout == Layout::keras) {
    file.tensors = to_keras(spec_for(config), std::ssize(config.labels), file.tensors);
  }
  const Alphabet alphabet = alphabet_of(config.model);
  file.metadata = {{"format", "pt"},
                   {"program", "stroma"},
                   {"model", config.model.name},
                   {"alphabet", config.model.alphabet},
                   {"letters", alphabet.letters()},
                   {"length", std::to_string(config.length)},
                   {"seed", std::to_string(config.seed)}};
  if (layout == Layout::keras) file.metadata["layout"] = to_string(layout);
  if (config.fingerprint.empty()) return file;
  Json standardization = nullptr;
  if (!config.mean.empty()) {
    standardization = {{"mean", config.mean}, {"inverse_sd", config.inverse_sd}};
  }
  file.metadata["labels"] = Json(config.labels).dump();
  file.metadata["standardization"] = standardization.dump();
  return file;
}

GivenWeights read_weights(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) {
    throw Error(path.string() + " is a directory; name the safetensors file, in a run " +
                (path / "model.safetensors").string());
  }
  const SafetensorsFile file = read_safetensors(path);
  GivenWeights given;
  given.tensors = file.tensors;
  try {
    read_metadata(file, given);
  } catch (const std::exception& error) {
    throw Error(path.string() + ": damaged metadata (" + error.what() +
                "); write the file again with stroma export");
  }
  naming_file(path, [&] { check_finite(given.tensors); });
  return given;
}

void check_letters(const ModelSpec& spec, const GivenWeights& given) {
  const auto as_dna = [&](std::string letters) {
    if (spec.alphabet != "protein") std::replace(letters.begin(), letters.end(), 'U', 'T');
    return letters;
  };
  if (given.letters.size() != spec.letters.size()) return;  // "" or other shapes
  if (as_dna(given.letters) == as_dna(spec.letters)) return;
  throw Error(
      fmt::format("its weights are for the letters {} in this order, and the model {} reads {}; "
                  "give the model letters = \"{}\", or take other weights",
                  given.letters, spec.name, spec.letters, given.letters));
}

void load_weights(Network& network, const RunConfig& config,
                  const std::map<std::string, Tensor>& weights) {
  const ModelSpec spec = spec_for(config);
  network.load(in_keras_layout(spec, weights)
                   ? from_keras(spec, std::ssize(config.labels), network, weights)
                   : weights);
}

std::string fingerprint(const std::map<std::string, Tensor>& weights) {
  Fingerprint print;
  for (const auto& [name, tensor] : weights) {
    print.add(name + to_string(tensor.shape()) + to_string(tensor.dtype()));
    print.add(tensor.bytes(), static_cast<std::size_t>(tensor.byte_count()));
  }
  return print.digits();
}

LoadedRun load_given(const ModelSpec& spec, const fs::path& path, Device device,
                     std::optional<Precision> precision) {
  GivenWeights given = read_weights(path);
  return naming_file(path, [&] {
    RunConfig config;
    config.model = spec;
    config.precision = precision.value_or(Precision::fp32);
    check_precision(config.precision, device);
    config.length = given.length > 0 ? given.length : spec.length;
    if (config.length == 0) {
      throw Error(
          fmt::format("the length of the longest sequence that the model {} learned from is "
                      "not known; in the spec, write it as the length",
                      spec.name));
    }
    WindowOptions& windows = config.data.windows;
    windows.length = config.length;
    windows.max_overlap = std::min(windows.max_overlap, config.length - 1);
    windows.min_overlap = std::min(windows.min_overlap, windows.max_overlap);
    windows.min_shared = std::min(windows.min_shared, config.length);
    config.data.unknown = spec.unknown;
    config.data.padding = spec.padding;
    config.data.augment = !spec.padding.on;
    check_letters(spec, given);
    check_standardization(spec, given);
    if (spec.standardize) {
      config.mean = std::move(given.mean);
      config.inverse_sd = std::move(given.inverse_sd);
    }
    config.labels = std::move(given.labels);
    if (config.labels.empty()) {
      const int64_t classes = classes_of(spec, given.tensors);
      for (int64_t c = 0; c < classes; ++c) config.labels.push_back(std::to_string(c));
    }
    Learner learner = learner_of(config, device);
    load_weights(learner.network(), config, given.tensors);
    return LoadedRun{std::move(config), std::move(learner)};
  });
}

}  // namespace stroma
