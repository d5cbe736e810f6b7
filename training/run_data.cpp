#include "training/run_data.h"

#include <omp.h>

#include <utility>
#include <vector>

#include "engine/precision.h"
#include "training/weights.h"

namespace stroma {
namespace {

/// The dataset without a test part that is given apart: its letters are not to be known in
/// training.
Dataset without_given_test(Dataset dataset) {
  std::erase_if(dataset.examples, [&](const Example& example) {
    return dataset.sequences[example.sequence].given_for == GivenFor::test;
  });
  return dataset;
}

/// Reads the weights that training is to begin with, if any are named.
void open_weights(RunConfig& config, RunData& data, const RunWatcher& watcher) {
  if (config.weights.empty()) return;
  GivenWeights given = read_weights(config.weights);
  naming_file(config.weights, [&] { check_letters(config.model, given); });
  config.weights_fingerprint = fingerprint(given.tensors);
  if (!given.labels.empty() && given.labels != config.labels) {
    watcher.note(config.weights.string() +
                 ": these weights are of other classes than the data's; what their last layer "
                 "knows of a class goes to the one of the same number.");
  }
  data.weights = std::move(given.tensors);
}

}  // namespace

RunData open_data(RunConfig& config, const RunWatcher& watcher) {
  omp_set_num_threads(config.threads);
  const Device device = device_named(config.device);
  check_precision(config.precision, device);
  const Alphabet alphabet = alphabet_of(config.model);
  std::vector<std::string> notes;
  RunData data;
  data.dataset = load_dataset(config.data, alphabet, notes, device);
  for (const std::string& note : notes) watcher.note(note);
  data.encoded = to_device(data.dataset, alphabet, {});

  config.length = data.dataset.length;
  config.labels = data.dataset.labels;
  config.fingerprint = fingerprint(data.dataset);
  if (config.model.standardize) {
    const InputStandardization found =
        config.data.test.empty()
            ? standardization_of(data.dataset, alphabet, {})
            : standardization_of(without_given_test(data.dataset), alphabet, {});
    config.mean = found.mean.to_vector<float>();
    config.inverse_sd = found.inverse_sd.to_vector<float>();
  }
  open_weights(config, data, watcher);
  return data;
}

}  // namespace stroma
