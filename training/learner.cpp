#include "training/learner.h"

#include <algorithm>
#include <utility>

#include "kernels/error.h"

namespace stroma {
namespace {

constexpr int64_t evaluation_batch = 512;

/// What each batch of an evaluation counts in the mean loss: the weights of its examples and their
/// classes, or without weights their number.
std::vector<double> batch_weights(const DeviceDataset& data, const std::vector<int32_t>& examples,
                                  const Tensor& class_weights) {
  std::vector<double> sums((examples.size() + evaluation_batch - 1) / evaluation_batch);
  std::vector<int32_t> labels;
  std::vector<float> of_class, of_example;
  if (class_weights.defined()) {
    labels = data.example_label.to_vector<int32_t>();
    of_class = class_weights.to_vector<float>();
  }
  if (data.example_weight.defined()) of_example = data.example_weight.to_vector<float>();
  for (std::size_t i = 0; i < examples.size(); ++i) {
    const int32_t example = examples[i];
    const double weight = of_class.empty() ? 1 : of_class[labels[example]];
    sums[i / evaluation_batch] += of_example.empty() ? weight : weight * of_example[example];
  }
  return sums;
}

/// The data as the loss needs it: an example of one label answers yes to that one; and groups are
/// gathered only where they have a part in it.
DeviceDataset for_loss(DeviceDataset data, const Loss& loss, const TrainingSpec& spec,
                       int64_t classes) {
  if (spec.sequence_loss == 0) data.example_group = {};
  if (loss.several_labels && data.example_label.defined() && !data.example_answers.defined()) {
    data.example_answers =
        answers_of(data.example_label.to_vector<int32_t>(), classes, data.example_label.device());
  }
  return data;
}

}  // namespace

Learner::Learner(const ModelSpec& spec, int64_t classes,
                 const InputStandardization& standardization, uint64_t seed, Device device,
                 DeviceDataset data, Tensor class_weights)
    : spec_(spec.training),
      clock_{seed, Tensor::zeros({1}, DType::int64, device)},
      loss_(&loss_named(spec.training.loss.text)),
      classes_(classes),
      network_(std::make_unique<Network>(spec, classes, standardization, clock_, device)),
      data_(for_loss(std::move(data), *loss_, spec_, classes)),
      class_weights_(std::move(class_weights)) {}

void Learner::set_data(DeviceDataset data) {
  if (step_) throw Error("a learner that has begun to train keeps its data");
  data_ = for_loss(std::move(data), *loss_, spec_, classes_);
}

TrainingStep& Learner::step() {
  if (!step_) {
    step_ = std::make_unique<TrainingStep>(*network_, data_, spec_, class_weights_, clock_);
  }
  return *step_;
}

Evaluation evaluate(Learner& learner, const std::vector<int32_t>& examples, bool with_probabilities,
                    const std::function<void(int64_t done, int64_t all)>& progress) {
  const NoGrad no_grad;
  Network& network = learner.network();
  const DeviceDataset& data = learner.data();
  const bool was_training = network.training();
  network.train(false);
  const Device device = learner.device();
  const auto count = static_cast<int64_t>(examples.size());
  const Tensor order = Tensor::of(examples, {count}, device);
  const int64_t batches = (count + evaluation_batch - 1) / evaluation_batch;
  Tensor statistics = Tensor::zeros({batches, 2}, DType::float64, device);
  Evaluation result;
  for (int64_t first = 0; first < count; first += evaluation_batch) {
    const int64_t batch = std::min(evaluation_batch, count - first);
    const Batch picked = gather(data, order, Tensor::of<int64_t>({first}, {1}, device), batch);
    const Variable logits = network.forward(picked.letters);
    LossBatch held_against = loss_batch(picked, learner.class_weights(), learner.spec());
    held_against.statistics = statistics.view(2 * (first / evaluation_batch), {2});
    learner.loss().of(logits, held_against);
    if (with_probabilities) {
      const std::vector<float> rows =
          learner.loss().probabilities(logits.value()).to_vector<float>();
      result.probabilities.insert(result.probabilities.end(), rows.begin(), rows.end());
    }
    if (progress) progress(first + batch, count);
  }
  // What a batch adds is its mean loss × its size, a weighted mean where there are weights.
  const std::vector<double> sums = statistics.to_vector<double>();
  const std::vector<double> weights = batch_weights(data, examples, learner.class_weights());
  double whole = 0;
  for (int64_t i = 0; i < batches; ++i) {
    const int64_t batch = std::min(evaluation_batch, count - i * evaluation_batch);
    result.loss += sums[2 * i] * (weights[i] / static_cast<double>(batch));
    result.accuracy += sums[2 * i + 1];
    whole += weights[i];
  }
  if (count > 0) {
    result.loss = whole > 0 ? result.loss / whole : 0;
    result.accuracy /= static_cast<double>(count);
  }
  network.train(was_training);
  return result;
}

}  // namespace stroma
