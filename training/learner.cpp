#include "training/learner.h"

#include <algorithm>
#include <utility>

#include "engine/dispatch.h"
#include "kernels/error.h"
#include "kernels/softmax_cross_entropy.h"
#include "layers/softmax_cross_entropy.h"

namespace stroma {
namespace {

constexpr int64_t evaluation_batch = 512;

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

Learner::Learner(const ModelSpec& spec, int64_t classes,
                 const InputStandardization& standardization, uint64_t seed, Device device,
                 DeviceDataset data, Tensor class_weights)
    : spec_(spec.training),
      clock_{seed, Tensor::zeros({1}, DType::int64, device)},
      network_(std::make_unique<Network>(spec, classes, standardization, clock_, device)),
      data_(std::move(data)),
      class_weights_(std::move(class_weights)) {}

void Learner::set_data(DeviceDataset data) {
  if (step_) throw Error("a learner that has begun to train keeps its data");
  data_ = std::move(data);
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
    softmax_cross_entropy(logits, picked.labels, learner.class_weights(),
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
  const std::vector<double> weights = batch_weights(data, examples, learner.class_weights());
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
