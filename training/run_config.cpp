#include "training/run_config.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/files.h"
#include "engine/precision.h"
#include "kernels/error.h"

namespace stroma {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const DataOptions& data) {
  return {{"path", data.path.string()},
          {"augment", data.augment},
          {"windows",
           {{"length", data.windows.length},
            {"min_overlap", data.windows.min_overlap},
            {"max_overlap", data.windows.max_overlap},
            {"min_shared", data.windows.min_shared}}},
          {"upstream_length", data.upstream_length},
          {"min_protein_length", data.min_protein_length},
          {"unique", data.unique},
          {"unknown", data.unknown}};
}

void from_json(const Json& json, DataOptions& data) {
  data.path = json.at("path").get<std::string>();
  json.at("augment").get_to(data.augment);
  const Json& windows = json.at("windows");
  windows.at("length").get_to(data.windows.length);
  windows.at("min_overlap").get_to(data.windows.min_overlap);
  windows.at("max_overlap").get_to(data.windows.max_overlap);
  windows.at("min_shared").get_to(data.windows.min_shared);
  json.at("upstream_length").get_to(data.upstream_length);
  json.at("min_protein_length").get_to(data.min_protein_length);
  json.at("unique").get_to(data.unique);
  json.at("unknown").get_to(data.unknown);
}

Json to_json(const TrainingSpec& training) {
  Json json = {{"epochs", training.epochs},
               {"batch_size", training.batch_size},
               {"optimizer", training.optimizer},
               {"learning_rate", training.learning_rate},
               {"weight_decay", training.weight_decay},
               {"momentum", training.momentum},
               {"clip_norm", nullptr},
               {"lr_step", training.lr_step},
               {"lr_gamma", training.lr_gamma},
               {"patience", training.patience},
               {"keep", training.keep},
               {"class_weights", training.class_weights},
               {"split", training.split},
               {"test_fraction", training.test_fraction},
               {"validation_fraction", training.validation_fraction},
               {"folds", training.folds}};
  if (training.clip_norm) json["clip_norm"] = *training.clip_norm;
  return json;
}

void from_json(const Json& json, TrainingSpec& training) {
  json.at("epochs").get_to(training.epochs);
  json.at("batch_size").get_to(training.batch_size);
  json.at("optimizer").get_to(training.optimizer);
  json.at("learning_rate").get_to(training.learning_rate);
  json.at("weight_decay").get_to(training.weight_decay);
  json.at("momentum").get_to(training.momentum);
  training.clip_norm.reset();
  if (!json.at("clip_norm").is_null()) training.clip_norm = json["clip_norm"].get<double>();
  json.at("lr_step").get_to(training.lr_step);
  json.at("lr_gamma").get_to(training.lr_gamma);
  json.at("patience").get_to(training.patience);
  json.at("keep").get_to(training.keep);
  json.at("class_weights").get_to(training.class_weights);
  json.at("split").get_to(training.split);
  json.at("test_fraction").get_to(training.test_fraction);
  json.at("validation_fraction").get_to(training.validation_fraction);
  json.at("folds").get_to(training.folds);
}

Json to_json(const RunConfig& config) {
  Json json = {{"program", "stroma"},
               {"version", STROMA_VERSION},
               {"seed", config.seed},
               {"fold", config.fold},
               {"device", config.device},
               {"precision", to_string(config.precision)},
               {"threads", config.threads},
               {"data", to_json(config.data)},
               {"fingerprint", config.fingerprint},
               {"training", to_json(config.model.training)},
               {"length", config.length},
               {"labels", config.labels},
               {"model", config.model.text},
               {"standardization", nullptr}};
  if (!config.mean.empty()) {
    json["standardization"] = {{"mean", config.mean}, {"inverse_sd", config.inverse_sd}};
  }
  return json;
}

/// What a run that is resumed must share, by path in the JSON; without model and data themselves.
Json settings(const RunConfig& config) {
  Json json = {{"seed", config.seed},
               {"fold", config.fold},
               {"precision", to_string(config.precision)},
               {"data", to_json(config.data)},
               {"training", to_json(config.model.training)},
               {"standardize", !config.mean.empty()}};
  json["data"].erase("path");
  json["training"].erase("epochs");
  return json.flatten();
}

}  // namespace

void write_config(const std::filesystem::path& path, const RunConfig& config) {
  write_file(path, to_json(config).dump(1) + "\n");
}

std::string difference(const RunConfig& saved, const RunConfig& asked) {
  if (saved.model.name != asked.model.name) {
    return "the model is " + saved.model.name + ", not " + asked.model.name;
  }
  const Json before = settings(saved), now = settings(asked);
  const auto shown = [](const Json& value) { return value.is_null() ? "none" : value.dump(); };
  for (const auto& [key, value] : now.items()) {
    const Json was = before.value(key, Json());
    if (was == value) continue;
    std::string name = key.substr(1);
    std::replace(name.begin(), name.end(), '/', '.');
    return name + " is " + shown(was) + ", not " + shown(value);
  }
  if (saved.model.text != asked.model.text) {
    return "the spec of the model " + saved.model.name + " has changed";
  }
  if (saved.fingerprint != asked.fingerprint) {
    return "the sequences or labels in " + asked.data.path.string() +
           " are not those that it was trained on";
  }
  return "";
}

RunConfig read_config(const std::filesystem::path& path) {
  const std::string text = read_file(path);
  RunConfig config;
  try {
    const Json json = Json::parse(text);
    json.at("seed").get_to(config.seed);
    json.at("fold").get_to(config.fold);
    json.at("device").get_to(config.device);
    const auto precision = json.at("precision").get<std::string>();
    config.precision = naming_file(path, [&] { return precision_named(precision); });
    json.at("threads").get_to(config.threads);
    from_json(json.at("data"), config.data);
    json.at("fingerprint").get_to(config.fingerprint);
    config.model = parse_model_spec(json.at("model").get<std::string>(), path.string());
    from_json(json.at("training"), config.model.training);
    json.at("length").get_to(config.length);
    json.at("labels").get_to(config.labels);
    const Json& standardization = json.at("standardization");
    if (!standardization.is_null()) {
      standardization.at("mean").get_to(config.mean);
      standardization.at("inverse_sd").get_to(config.inverse_sd);
    }
  } catch (const Json::exception& error) {
    throw Error(path.string() + " is not the config.json of a stroma run (" + error.what() +
                "); name a directory that stroma train made");
  }
  return config;
}

}  // namespace stroma
