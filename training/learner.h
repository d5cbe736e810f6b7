// What learns: a network, the data it learns from on the same device, its clock and its step.
// Training, evaluation, benchmarks and tests all hold one.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "engine/random.h"
#include "layers/network.h"
#include "training/device_dataset.h"
#include "training/training_step.h"

namespace stroma {

class Learner {
 public:
  /// Initial weights are drawn from `seed`. `data` is on `device`; it may come later, or never.
  /// `class_weights` [classes] weigh the loss; undefined: every class counts the same.
  Learner(const ModelSpec& spec, int64_t classes, const InputStandardization& standardization,
          uint64_t seed, Device device, DeviceDataset data = {}, Tensor class_weights = {});

  Network& network() { return *network_; }
  const Network& network() const { return *network_; }
  const DeviceDataset& data() const { return data_; }
  /// Of the loss; may be undefined.
  const Tensor& class_weights() const { return class_weights_; }
  const Loss& loss() const { return *loss_; }
  const TrainingClock& clock() const { return clock_; }
  const TrainingSpec& spec() const { return spec_; }
  Device device() const { return clock_.step.device(); }

  /// Other data to look at, in place of what there is. Throws Error once there is a step.
  void set_data(DeviceDataset data);

  /// Made at its first use, since an optimiser takes three times the memory of the weights, which
  /// nobody needs who only evaluates.
  TrainingStep& step();

 private:
  TrainingSpec spec_;
  TrainingClock clock_;
  const Loss* loss_;
  int64_t classes_;
  std::unique_ptr<Network> network_;
  DeviceDataset data_;
  Tensor class_weights_;
  std::unique_ptr<TrainingStep> step_;
};

/// Mean loss, share of hits and, if asked, probabilities [examples, classes] of some examples of
/// the learner's data, in evaluation mode; `progress` is told how many examples of how many are
/// done. The loss is that of the spec, without what `sequence_loss` adds; with weights it is the
/// weighted mean over all of them: Σ w · loss ÷ Σ w.
struct Evaluation {
  double loss = 0, accuracy = 0;
  std::vector<float> probabilities;
};
Evaluation evaluate(Learner& learner, const std::vector<int32_t>& examples, bool with_probabilities,
                    const std::function<void(int64_t done, int64_t all)>& progress = {});

}  // namespace stroma
