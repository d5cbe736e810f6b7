#include "training/training_step.h"

#include <string>
#include <utility>

#include "engine/dispatch.h"
#include "kernels/gather_batch.h"
#include "training/finite.h"
#include "training/schedule.h"

namespace stroma {

namespace {

OptimizerOptions optimizer_options(const TrainingSpec& spec) {
  OptimizerOptions options;
  options.rule = spec.optimizer;
  options.weight_decay = spec.weight_decay;
  options.momentum = spec.momentum;
  options.epsilon = spec.epsilon;
  options.clip_norm = spec.clip_norm;
  return options;
}

}  // namespace

Batch gather(const DeviceDataset& data, const Tensor& order, const Tensor& cursor, int64_t batch) {
  const Device device = data.codes.device();
  Batch result{{data.codes, Tensor::empty({batch}, DType::int64, device), data.length},
               Tensor::empty({batch}, DType::int32, device)};
  // What the data has, the batch has: as many rows of the same type.
  const auto rows_like = [&](const Tensor& all) {
    if (!all.defined()) return Tensor();
    Shape shape = all.shape();
    shape[0] = batch;
    return Tensor::empty(shape, all.dtype(), device);
  };
  result.letters.lengths = rows_like(data.example_length);
  result.weights = rows_like(data.example_weight);
  result.groups = rows_like(data.example_group);
  result.answers = rows_like(data.example_answers);
  on_device(device, [&](const auto& context) {
    kernels::gather_batch(
        context, {.batch = batch,
                  .cursor = cursor.data<int64_t>(),
                  .order = order.data<int32_t>(),
                  .example_start = data.example_start.data<int64_t>(),
                  .example_label = data.example_label.data<int32_t>(),
                  .starts = result.letters.starts.data<int64_t>(),
                  .labels = result.labels.data<int32_t>(),
                  .example_length = data_or_null<int32_t>(data.example_length),
                  .lengths = data_or_null<int32_t>(result.letters.lengths),
                  .example_weight = data_or_null<float>(data.example_weight),
                  .weights = data_or_null<float>(result.weights),
                  .example_group = data_or_null<int32_t>(data.example_group),
                  .groups = data_or_null<int32_t>(result.groups),
                  .answers = data.example_answers.defined() ? data.example_answers.size(1) : 0,
                  .example_answers = data_or_null<int32_t>(data.example_answers),
                  .batch_answers = data_or_null<int32_t>(result.answers)});
  });
  return result;
}

LossBatch loss_batch(const Batch& examples, const Tensor& class_weights, const TrainingSpec& spec) {
  return {
      .labels = examples.labels,
      .answers = examples.answers,
      .class_weights = class_weights,
      .options = {.example_weights = examples.weights, .label_smoothing = spec.label_smoothing}};
}

TrainingStep::TrainingStep(Network& network, const DeviceDataset& data, const TrainingSpec& spec,
                           Tensor class_weights, const TrainingClock& clock)
    : network_(network),
      data_(data),
      spec_(spec),
      loss_(loss_named(spec.loss.text)),
      class_weights_(std::move(class_weights)),
      clock_(clock),
      optimizer_(network.parameters(), optimizer_options(spec), clock) {
  const Device device = data.codes.device();
  cursor_ = Tensor::zeros({1}, DType::int64, device);
  statistics_ = Tensor::zeros({2}, DType::float64, device);
  epoch_rate_ = Tensor::zeros({1}, DType::float64, device);
  bad_step_ = Tensor::of<int64_t>({-1}, {1}, device);
}

void TrainingStep::begin_epoch(const std::vector<int32_t>& order, int64_t cursor, const Sums& sums,
                               double learning_rate) {
  const Shape shape{static_cast<int64_t>(order.size())};
  if (!order_.defined()) order_ = Tensor::empty(shape, DType::int32, cursor_.device());
  order_.copy_from(Tensor::of(order, shape));
  cursor_.copy_from(Tensor::of<int64_t>({cursor}, {1}));
  statistics_.copy_from(Tensor::of<double>({sums.loss, sums.hits}, {2}));
  epoch_rate_.copy_from(Tensor::of<double>({learning_rate}, {1}));
  optimizer_.set_learning_rate(learning_rate);
  steps_ = steps_of(spec_, shape[0]);
}

void TrainingStep::run(int64_t batch) {
  graphs_.try_emplace(batch, cursor_.device()).first->second.run([&] { do_step(batch); });
}

void TrainingStep::do_step(int64_t batch) {
  const Batch examples = gather(data_, order_, cursor_, batch);
  optimizer_.zero_grad();
  const Variable logits = network_.forward(examples.letters);
  LossBatch held_against = loss_batch(examples, class_weights_, spec_);
  held_against.statistics = statistics_;
  const Variable loss = loss_with_groups(loss_, logits, std::move(held_against), examples.groups,
                                         spec_.sequence_loss);
  backward(loss);
  set_learning_rate(spec_, {steps_, clock_.step, epoch_rate_, optimizer_.learning_rate()});
  optimizer_.step();
  on_device(cursor_.device(), [&](const auto& context) {
    kernels::advance(context, {.batch = batch,
                               .loss = loss.value().data<float>(),
                               .cursor = cursor_.data<int64_t>(),
                               .step = clock_.step.data<int64_t>(),
                               .bad_step = bad_step_.data<int64_t>()});
  });
}

TrainingStep::Sums TrainingStep::sums() const {
  const auto bad_step = bad_step_.item<int64_t>();
  if (bad_step >= 0) {
    throw Diverged("the loss is no longer a finite number at step " + std::to_string(bad_step + 1) +
                   "; " + after_divergence);
  }
  const std::vector<double> sums = statistics_.to_vector<double>();
  return {sums[0], sums[1]};
}

}  // namespace stroma
