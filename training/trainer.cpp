#include "training/trainer.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "engine/dispatch.h"
#include "kernels/softmax_cross_entropy.h"
#include "layers/softmax_cross_entropy.h"
#include "training/finite.h"
#include "training/schedule.h"

namespace stroma {
namespace {

using SteadyClock = std::chrono::steady_clock;

double seconds_since(SteadyClock::time_point start) {
  return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

constexpr int64_t evaluation_batch = 512;
constexpr double seconds_between_reports = 0.2;

/// What each batch of an evaluation counts in the mean loss: the class weights of its examples, or
/// without weights their number.
std::vector<double> batch_weights(const DeviceDataset& data, const std::vector<int32_t>& examples,
                                  const Tensor& class_weights) {
  std::vector<double> sums((examples.size() + evaluation_batch - 1) / evaluation_batch);
  std::vector<int32_t> labels;
  std::vector<float> weights;
  if (class_weights.defined()) {
    labels = data.example_label.to_vector<int32_t>();
    weights = class_weights.to_vector<float>();
  }
  for (std::size_t i = 0; i < examples.size(); ++i) {
    sums[i / evaluation_batch] += weights.empty() ? 1 : weights[labels[examples[i]]];
  }
  return sums;
}

}  // namespace

Trainer::Trainer(Network& network, const DeviceDataset& data, std::vector<int32_t> train,
                 std::vector<int32_t> validation, const TrainingSpec& spec, Tensor class_weights,
                 const TrainingClock& clock)
    : network_(network),
      data_(data),
      train_(std::move(train)),
      validation_(std::move(validation)),
      spec_(spec),
      class_weights_(std::move(class_weights)),
      clock_(clock),
      step_(network, data, spec, class_weights_, clock) {}

void Trainer::begin_epoch() {
  step_.begin_epoch(epoch_order(train_, clock_.seed, position_.epochs_done), position_.cursor,
                    position_.sums, learning_rate_of(spec_, position_.epochs_done));
}

void Trainer::validate(EpochMetrics& metrics) {
  if (validation_.empty()) return;
  const Evaluation result = evaluate(network_, data_, validation_, false, class_weights_);
  if (!std::isfinite(result.loss)) {
    throw Diverged(fmt::format("the validation loss after epoch {} is not a finite number; {}",
                               metrics.epoch, after_divergence));
  }
  metrics.validation_loss = result.loss;
  metrics.validation_accuracy = result.accuracy;
  if (position_.best_epoch == 0 || result.loss < position_.best_loss) {
    position_.best_epoch = metrics.epoch;
    position_.best_loss = result.loss;
    if (spec_.keep == Keep::best) {
      for (const NamedParameter& parameter : network_.parameters()) {
        best_[parameter.name] = parameter.variable.value().clone();
      }
    }
  }
}

void Trainer::check_finite() const {
  for (const auto& [name, tensor] : tensors()) {
    if (all_finite(tensor)) continue;
    throw Diverged(fmt::format("{} is no longer made of finite numbers after step {}; {}", name,
                               position_.step, after_divergence));
  }
}

bool Trainer::patience_is_over() const {
  return spec_.patience > 0 && position_.best_epoch > 0 &&
         position_.epochs_done - position_.best_epoch >= spec_.patience;
}

Trainer::Outcome Trainer::run(const Watcher& watcher) {
  const auto examples = static_cast<int64_t>(train_.size());
  while (position_.epochs_done < spec_.epochs && !patience_is_over()) {
    const auto start = SteadyClock::now();
    auto last_report = start;
    begin_epoch();
    network_.train();
    while (position_.cursor < examples) {
      const int64_t batch = std::min<int64_t>(spec_.batch_size, examples - position_.cursor);
      step_.run(batch);
      position_.cursor += batch;
      position_.step += 1;
      if (watcher.stop_requested()) {
        position_.sums = step_.sums();
        check_finite();
        watcher.save();
        return Outcome::interrupted;
      }
      if (seconds_since(last_report) >= seconds_between_reports) {
        last_report = SteadyClock::now();
        const TrainingStep::Sums sums = step_.sums();
        const auto done = static_cast<double>(position_.cursor);
        watcher.progress({.epoch = position_.epochs_done + 1,
                          .epochs = spec_.epochs,
                          .examples_done = position_.cursor,
                          .examples = examples,
                          .loss = sums.loss / done,
                          .accuracy = sums.hits / done});
      }
    }
    const TrainingStep::Sums sums = step_.sums();
    check_finite();

    EpochMetrics metrics;
    metrics.epoch = position_.epochs_done + 1;
    metrics.train_loss = sums.loss / static_cast<double>(examples);
    metrics.train_accuracy = sums.hits / static_cast<double>(examples);
    metrics.learning_rate = learning_rate_of(spec_, position_.epochs_done);
    validate(metrics);
    metrics.seconds = seconds_since(start);
    position_.history.push_back(metrics);
    position_.epochs_done += 1;
    position_.cursor = 0;
    position_.sums = {};
    watcher.save();
    watcher.epoch_done(metrics);
  }
  return position_.epochs_done < spec_.epochs ? Outcome::stopped_early : Outcome::finished;
}

std::map<std::string, Tensor> Trainer::tensors() const {
  std::map<std::string, Tensor> all;
  for (const NamedParameter& parameter : network_.parameters()) {
    all["model." + parameter.name] = parameter.variable.value();
  }
  for (const NamedParameter& moment : step_.optimizer().state()) {
    all["optimizer." + moment.name] = moment.variable.value();
  }
  for (const auto& [name, value] : best_) all["best." + name] = value;
  return all;
}

void Trainer::restore(const TrainerPosition& position,
                      const std::map<std::string, Tensor>& tensors) {
  for (auto& [name, tensor] : this->tensors()) {
    const auto found = tensors.find(name);
    if (found == tensors.end() || found->second.shape() != tensor.shape()) {
      throw Error("the saved state has no tensor \"" + name + "\" of shape " +
                  to_string(tensor.shape()) + "; it belongs to another model");
    }
    Tensor(tensor).copy_from(found->second);
  }
  best_.clear();
  for (const auto& [name, tensor] : tensors) {
    if (!all_finite(tensor)) throw Error("\"" + name + "\" is not made of finite numbers");
    if (name.starts_with("best.")) best_[name.substr(5)] = tensor.to(data_.codes.device());
  }
  position_ = position;
  clock_.step.copy_from(Tensor::of<int64_t>({position.step}, {1}));
}

void Trainer::keep_chosen_weights() {
  if (!best_.empty()) network_.load(best_);
}

std::vector<int32_t> epoch_order(const std::vector<int32_t>& train, uint64_t seed, int epoch) {
  std::vector<int32_t> order =
      shuffled_indices(static_cast<int64_t>(train.size()), seed, RandomStream::shuffle,
                       static_cast<uint32_t>(epoch));
  for (int32_t& index : order) index = train[index];
  return order;
}

Evaluation evaluate(Network& network, const DeviceDataset& data,
                    const std::vector<int32_t>& examples, bool with_probabilities,
                    const Tensor& class_weights,
                    const std::function<void(int64_t done, int64_t all)>& progress) {
  const NoGrad no_grad;
  const bool was_training = network.training();
  network.train(false);
  const Device device = data.codes.device();
  const auto count = static_cast<int64_t>(examples.size());
  const Tensor order = Tensor::of(examples, {count}, device);
  const int64_t batches = (count + evaluation_batch - 1) / evaluation_batch;
  Tensor statistics = Tensor::zeros({batches, 2}, DType::float64, device);
  Evaluation result;
  for (int64_t first = 0; first < count; first += evaluation_batch) {
    const int64_t batch = std::min(evaluation_batch, count - first);
    const Batch picked = gather(data, order, Tensor::of<int64_t>({first}, {1}, device), batch);
    const Variable logits = network.forward(picked.letters);
    softmax_cross_entropy(logits, picked.labels, class_weights,
                          statistics.view(2 * (first / evaluation_batch), {2}));
    if (with_probabilities) {
      Tensor probabilities = Tensor::empty(logits.shape(), DType::float32, device);
      on_device(device, [&](const auto& context) {
        kernels::softmax(context, batch, logits.shape()[1],
                         std::as_const(logits.value()).template data<float>(),
                         probabilities.data<float>());
      });
      const std::vector<float> rows = probabilities.to_vector<float>();
      result.probabilities.insert(result.probabilities.end(), rows.begin(), rows.end());
    }
    if (progress) progress(first + batch, count);
  }
  // What a batch adds is its mean loss × its size, a weighted mean where there are weights.
  const std::vector<double> sums = statistics.to_vector<double>();
  const std::vector<double> weights = batch_weights(data, examples, class_weights);
  double whole = 0;
  for (int64_t i = 0; i < batches; ++i) {
    const int64_t batch = std::min(evaluation_batch, count - i * evaluation_batch);
    result.loss += sums[2 * i] * (weights[i] / static_cast<double>(batch));
    result.accuracy += sums[2 * i + 1];
    whole += weights[i];
  }
  if (count > 0) {
    result.loss /= whole;
    result.accuracy /= static_cast<double>(count);
  }
  network.train(was_training);
  return result;
}

}  // namespace stroma
