#include "training/trainer.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "training/finite.h"
#include "training/schedule.h"

namespace stroma {
namespace {

using SteadyClock = std::chrono::steady_clock;

double seconds_since(SteadyClock::time_point start) {
  return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

constexpr double seconds_between_reports = 0.2;

}  // namespace

Trainer::Trainer(Learner& learner, std::vector<int32_t> train, std::vector<int32_t> validation)
    : learner_(learner),
      step_(learner.step()),
      train_(std::move(train)),
      validation_(std::move(validation)) {}

void Trainer::begin_epoch() {
  step_.begin_epoch(epoch_order(train_, learner_.clock().seed, position_.epochs_done),
                    position_.cursor, position_.sums, rate_of_epoch());
}

double Trainer::rate_of_epoch() const {
  Course course{.epoch = position_.epochs_done};
  for (const EpochMetrics& epoch : position_.history) {
    if (epoch.validation_loss) course.validation_losses.push_back(*epoch.validation_loss);
  }
  return learning_rate_of(learner_.spec(), course);
}

void Trainer::validate(EpochMetrics& metrics) {
  if (validation_.empty()) return;
  const Evaluation result = evaluate(learner_, validation_, false);
  if (!std::isfinite(result.loss)) {
    throw Diverged(fmt::format("the validation loss after epoch {} is not a finite number; {}",
                               metrics.epoch, after_divergence));
  }
  metrics.validation_loss = result.loss;
  metrics.validation_accuracy = result.accuracy;
  if (position_.best_epoch == 0 || result.loss < position_.best_loss) {
    position_.best_epoch = metrics.epoch;
    position_.best_loss = result.loss;
    if (learner_.spec().keep == Keep::best) {
      for (const auto& [name, tensor] : learner_.network().state()) best_[name] = tensor.clone();
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
  return learner_.spec().patience > 0 && position_.best_epoch > 0 &&
         position_.epochs_done - position_.best_epoch >= learner_.spec().patience;
}

Trainer::Outcome Trainer::run(const Watcher& watcher) {
  const auto examples = static_cast<int64_t>(train_.size());
  while (position_.epochs_done < learner_.spec().epochs && !patience_is_over()) {
    const auto start = SteadyClock::now();
    auto last_report = start;
    begin_epoch();
    learner_.network().train();
    while (position_.cursor < examples) {
      const int64_t batch =
          std::min<int64_t>(learner_.spec().batch_size, examples - position_.cursor);
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
                          .epochs = learner_.spec().epochs,
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
    metrics.learning_rate = learning_rate_at(learner_.spec(), rate_of_epoch(), position_.step - 1,
                                             steps_of(learner_.spec(), examples));
    validate(metrics);
    metrics.seconds = seconds_since(start);
    position_.history.push_back(metrics);
    position_.epochs_done += 1;
    position_.cursor = 0;
    position_.sums = {};
    watcher.save();
    watcher.epoch_done(metrics);
  }
  return position_.epochs_done < learner_.spec().epochs ? Outcome::stopped_early
                                                        : Outcome::finished;
}

std::map<std::string, Tensor> Trainer::tensors() const {
  std::map<std::string, Tensor> all;
  for (const auto& [name, tensor] : learner_.network().state()) all["model." + name] = tensor;
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
    if (name.starts_with("best.")) best_[name.substr(5)] = tensor.to(learner_.device());
  }
  position_ = position;
  Tensor(learner_.clock().step).copy_from(Tensor::of<int64_t>({position.step}, {1}));
}

void Trainer::keep_chosen_weights() {
  if (!best_.empty()) learner_.network().load(best_);
}

std::vector<int32_t> epoch_order(const std::vector<int32_t>& train, uint64_t seed, int epoch) {
  std::vector<int32_t> order =
      shuffled_indices(static_cast<int64_t>(train.size()), seed, RandomStream::shuffle,
                       static_cast<uint32_t>(epoch));
  for (int32_t& index : order) index = train[index];
  return order;
}

}  // namespace stroma
