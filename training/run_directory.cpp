#include "training/run_directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/files.h"
#include "engine/safetensors.h"
#include "engine/text.h"
#include "kernels/error.h"
#include "training/finite.h"

namespace stroma {
namespace {

using Json = nlohmann::ordered_json;

std::string optional_number(const std::optional<double>& value) {
  return value ? fmt::format("{:.9g}", *value) : "";
}

/// JSON has no NaN: an undefined figure is null.
Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json averages(const Averages& a) {
  return {{"precision", a.precision}, {"recall", a.recall}, {"f1", a.f1}};
}

Json part(const PartMetrics& metrics, const std::vector<std::string>& labels) {
  const ClassificationMetrics& c = metrics.classification;
  Json json = {{"examples", c.examples},
               {"loss", number(metrics.loss)},
               {"accuracy", c.accuracy},
               {"macro_auc_pr", number(c.macro_auc_pr)},
               {"macro_auc_pr_standard_error", number(c.macro_auc_pr_standard_error)},
               {"macro_auc_roc", number(c.macro_auc_roc)},
               {"classes_without_examples", c.classes_without_examples},
               {"pearson_r", number(c.pearson_r)},
               {"macro", averages(c.macro)},
               {"weighted", averages(c.weighted)}};
  if (c.binary) {
    json["au_roc"] = number(c.binary->au_roc);
    json["au_prc"] = number(c.binary->au_prc);
    json["fpr80"] = number(c.binary->fpr80);
    json["pr95"] = number(c.binary->pr95);
  }
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const ClassMetrics& of = c.per_class[i];
    json["per_class"][labels[i]] = {{"support", of.support},
                                    {"predicted", of.predicted},
                                    {"precision", number(of.precision)},
                                    {"recall", number(of.recall)},
                                    {"f1", number(of.f1)},
                                    {"average_precision", number(of.average_precision)},
                                    {"auc_roc", number(of.auc_roc)}};
  }
  return json;
}

Json to_json(const std::optional<MemoryBaseline>& memory) {
  if (!memory) return nullptr;
  Json vote = {{"method", "k-mer vote"}, {"k", memory->k}, {"accuracy", memory->vote}};
  if (!memory->look_up) return vote;
  return {{"method", "look-up"}, {"k", nullptr}, {"accuracy", *memory->look_up}, {"beside", vote}};
}

Json optional_json(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

std::optional<double> optional_double(const Json& json) {
  return json.is_null() ? std::nullopt : std::optional(json.get<double>());
}

Json to_json(const TrainerPosition& position) {
  Json history = Json::array();
  for (const EpochMetrics& m : position.history) {
    history.push_back({{"epoch", m.epoch},
                       {"train_loss", m.train_loss},
                       {"train_accuracy", m.train_accuracy},
                       {"validation_loss", optional_json(m.validation_loss)},
                       {"validation_accuracy", optional_json(m.validation_accuracy)},
                       {"learning_rate", m.learning_rate},
                       {"seconds", m.seconds}});
  }
  return {{"epochs_done", position.epochs_done},
          {"cursor", position.cursor},
          {"step", position.step},
          {"loss_sum", position.sums.loss},
          {"hits", position.sums.hits},
          {"best_epoch", position.best_epoch},
          {"best_loss", position.best_loss},
          {"history", history}};
}

double finite_number(const Json& json, const char* key) {
  if (json.at(key).is_null()) throw Error(std::string(key) + " is not a finite number");
  return json.at(key);
}

TrainerPosition position_from(const Json& json) {
  TrainerPosition position;
  json.at("epochs_done").get_to(position.epochs_done);
  json.at("cursor").get_to(position.cursor);
  json.at("step").get_to(position.step);
  position.sums.loss = finite_number(json, "loss_sum");
  json.at("hits").get_to(position.sums.hits);
  json.at("best_epoch").get_to(position.best_epoch);
  position.best_loss = finite_number(json, "best_loss");
  for (const Json& m : json.at("history")) {
    position.history.push_back({.epoch = m.at("epoch"),
                                .train_loss = finite_number(m, "train_loss"),
                                .train_accuracy = m.at("train_accuracy"),
                                .validation_loss = optional_double(m.at("validation_loss")),
                                .validation_accuracy = optional_double(m.at("validation_accuracy")),
                                .learning_rate = m.at("learning_rate"),
                                .seconds = m.at("seconds")});
  }
  return position;
}

/// All labels of an example that are known.
std::vector<int32_t> labels_of(const Dataset& dataset, const Example& example) {
  if (!dataset.label_sets.empty()) return dataset.label_sets[example.sequence];
  if (example.label < 0) return {};
  return {example.label};
}

}  // namespace

bool has_learned(const std::filesystem::path& directory) {
  return std::filesystem::exists(directory / "state.safetensors") ||
         std::filesystem::exists(directory / "model.safetensors");
}

bool holds_trials(const std::filesystem::path& directory) {
  return std::filesystem::exists(directory / "trials.csv") ||
         std::filesystem::exists(directory / "trial-1");
}

void write_history(const std::filesystem::path& path, const std::vector<EpochMetrics>& history) {
  write_file(path, [&](std::ostream& out) {
    out << "epoch,train_loss,train_accuracy,val_loss,val_accuracy,learning_rate,seconds\n";
    for (const EpochMetrics& m : history) {
      out << fmt::format("{},{:.9g},{:.9g},{},{},{:.9g},{:.3f}\n", m.epoch, m.train_loss,
                         m.train_accuracy, optional_number(m.validation_loss),
                         optional_number(m.validation_accuracy), m.learning_rate, m.seconds);
    }
  });
}

Predictions make_predictions(const Dataset& dataset, const std::vector<int32_t>& examples,
                             std::vector<float> probabilities, int64_t classes,
                             bool several_labels) {
  if (!all_finite(probabilities)) {
    throw Error(std::string("the model's predictions are not finite numbers: its weights are too "
                            "large; train anew with --force, and ") +
                after_divergence);
  }
  Predictions predictions;
  for (std::size_t i = 0; i < examples.size(); ++i) {
    const Example& example = dataset.examples[examples[i]];
    predictions.ids.push_back(example_id(dataset, example));
    predictions.true_labels.push_back(example.label);
    const auto row = probabilities.begin() + static_cast<int64_t>(i) * classes;
    predictions.predicted.push_back(
        static_cast<int32_t>(std::max_element(row, row + classes) - row));
  }
  if (several_labels) {
    for (const float p : probabilities) predictions.predicted_sets.push_back(p > 0.5f);
    predictions.true_sets.resize(probabilities.size());
    for (std::size_t i = 0; i < examples.size(); ++i) {
      for (const int32_t label : labels_of(dataset, dataset.examples[examples[i]])) {
        predictions.true_sets[i * classes + label] = 1;
      }
    }
  }
  predictions.probabilities = std::move(probabilities);
  return predictions;
}

std::string names_in(const uint8_t* set, const std::vector<std::string>& labels) {
  std::string names;
  for (std::size_t c = 0; c < labels.size(); ++c) {
    if (set[c] != 0) names += (names.empty() ? "" : ";") + labels[c];
  }
  return names;
}

void write_predictions(std::ostream& out, const Predictions& predictions,
                       const std::vector<std::string>& labels) {
  out << "id,true,predicted";
  for (const std::string& label : labels) out << ',' << csv_field("p_" + label);
  out << '\n';
  fmt::memory_buffer line;
  for (std::size_t i = 0; i < predictions.ids.size(); ++i) {
    line.clear();
    const int32_t label = predictions.true_labels[i];
    std::string truth = label < 0 ? "" : labels[label];
    std::string predicted = labels[predictions.predicted[i]];
    if (!predictions.predicted_sets.empty()) {
      truth = names_in(&predictions.true_sets[i * labels.size()], labels);
      predicted = names_in(&predictions.predicted_sets[i * labels.size()], labels);
    }
    fmt::format_to(std::back_inserter(line), "{},{},{}", csv_field(predictions.ids[i]),
                   csv_field(truth), csv_field(predicted));
    for (std::size_t c = 0; c < labels.size(); ++c) {
      fmt::format_to(std::back_inserter(line), ",{:.9g}",
                     predictions.probabilities[i * labels.size() + c]);
    }
    line.push_back('\n');
    out.write(line.data(), static_cast<std::streamsize>(line.size()));
  }
}

PartMetrics part_metrics(const Predictions& predictions, int64_t classes) {
  const std::vector<double> probabilities(predictions.probabilities.begin(),
                                          predictions.probabilities.end());
  PartMetrics metrics;
  constexpr double smallest = 2.220446049250313e-16;
  if (!predictions.predicted_sets.empty()) {
    metrics.classification = multi_label_metrics(predictions.true_sets, predictions.predicted_sets,
                                                 probabilities, classes);
    for (std::size_t i = 0; i < probabilities.size(); ++i) {
      const double p = predictions.true_sets[i] != 0 ? probabilities[i] : 1 - probabilities[i];
      metrics.loss -= std::log(std::clamp(p, smallest, 1 - smallest));
    }
    metrics.loss /= static_cast<double>(probabilities.size());
    return metrics;
  }
  metrics.classification = classification_metrics(predictions.true_labels, predictions.predicted,
                                                  probabilities, classes);
  for (std::size_t i = 0; i < predictions.ids.size(); ++i) {
    const double p = probabilities[i * classes + predictions.true_labels[i]];
    metrics.loss -= std::log(std::clamp(p, smallest, 1 - smallest));
  }
  metrics.loss /= static_cast<double>(predictions.ids.size());
  return metrics;
}

std::string to_json(const PartMetrics& metrics, const std::optional<MemoryBaseline>& memory,
                    const std::vector<std::string>& labels) {
  Json json = part(metrics, labels);
  json["memory_baseline"] = to_json(memory);
  return json.dump(2);
}

void write_summary(const std::filesystem::path& path, const RunSummary& summary,
                   const std::vector<std::string>& labels) {
  Json json;
  json["test"] = summary.test ? part(*summary.test, labels) : Json(nullptr);
  json["val"] = summary.validation ? part(*summary.validation, labels) : Json(nullptr);
  json["epochs_run"] = summary.epochs_run;
  json["best_epoch"] = summary.best_epoch > 0 ? Json(summary.best_epoch) : Json(nullptr);
  json["ended"] = summary.ended;
  json["label_ceiling"] = summary.label_ceiling;
  json["leakage"] = {{"shared_letters", summary.leakage_letters},
                     {"test_share", summary.test ? Json(summary.leakage) : Json(nullptr)}};
  json["memory_baseline"] = to_json(summary.memory);
  if (!summary.unseen_labels.empty()) {
    json["unseen"] = {{"labels", summary.unseen_labels},
                      {"test_examples", summary.unseen_tests},
                      {"counted_as_wrong", summary.unseen_are_wrong}};
  }
  json["examples"] = {{"train", summary.train_examples},
                      {"validation", summary.validation_examples},
                      {"test", summary.test_examples}};
  json["seconds"] = summary.seconds;
  write_file(path, json.dump(2) + "\n");
}

void write_state(const std::filesystem::path& path, const Trainer& trainer) {
  SafetensorsFile file;
  for (const auto& [name, tensor] : trainer.tensors()) file.tensors[name] = tensor.to(Device{});
  file.metadata["position"] = to_json(trainer.position()).dump();
  write_safetensors(path, file);
}

void read_state(const std::filesystem::path& path, Trainer& trainer) {
  const SafetensorsFile file = read_safetensors(path);
  try {
    trainer.restore(position_from(Json::parse(file.metadata.at("position"))), file.tensors);
  } catch (const std::exception& error) {
    throw Error(path.string() + " cannot be resumed from (" + error.what() +
                "); start anew with --force");
  }
}

}  // namespace stroma
