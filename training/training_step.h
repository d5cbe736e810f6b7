// One training step: gather, forward, loss, backward, update. Nothing in it depends on a number
// that the host has to fetch: the permutation, the cursor, the step count, the learning rate and
// the sums of loss and hits lie on the device. So a GPU does a step as one graph, replayed.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "engine/optimizer.h"
#include "engine/random.h"
#include "engine/step_graph.h"
#include "layers/loss.h"
#include "layers/network.h"
#include "training/device_dataset.h"

namespace stroma {

/// A batch of examples: letters, labels, and of the rest what the data has.
struct Batch {
  LetterBatch letters;
  Tensor labels;        // [batch] int32
  Tensor weights = {};  // [batch] float32, where examples weigh differently
  Tensor groups = {};   // [batch] int32: the sequence of each
  Tensor answers = {};  // [batch, classes] int32, where an example may have several labels
};

/// The examples order[*cursor … + batch); `order` [examples] int32 and `cursor` [1] int64 lie on
/// the data's device.
Batch gather(const DeviceDataset& data, const Tensor& order, const Tensor& cursor, int64_t batch);

/// What the loss of `spec` is told of a batch; class_weights [classes] may be undefined.
LossBatch loss_batch(const Batch& examples, const Tensor& class_weights, const TrainingSpec& spec);

class TrainingStep {
 public:
  /// `class_weights` [classes] may be undefined. The network must outlive the step.
  TrainingStep(Network& network, const DeviceDataset& data, const TrainingSpec& spec,
               Tensor class_weights, const TrainingClock& clock);

  /// Sums over the examples that an epoch has seen so far.
  struct Sums {
    double loss = 0, hits = 0;
  };

  /// Starts, or goes on with, an epoch over `order`, of which `cursor` examples are done.
  void begin_epoch(const std::vector<int32_t>& order, int64_t cursor, const Sums& sums,
                   double learning_rate);
  /// One update from the next `batch` examples.
  void run(int64_t batch);
  /// Waits for the device. Throws Diverged, naming the step, if a loss was not.
  Sums sums() const;

  Optimizer& optimizer() { return optimizer_; }
  const Optimizer& optimizer() const { return optimizer_; }

 private:
  void do_step(int64_t batch);

  Network& network_;
  DeviceDataset data_;
  TrainingSpec spec_;
  const Loss& loss_;
  Tensor class_weights_;
  TrainingClock clock_;
  Optimizer optimizer_;
  int64_t steps_ = 0;  // of the whole training
  Tensor epoch_rate_;  // [1] float64: the learning rate of the epoch
  Tensor cursor_;      // [1] int64
  Tensor order_;       // [examples] int32: this epoch's permutation
  Tensor statistics_;  // [2] float64: sum of losses, hits
  Tensor bad_step_;    // [1] int64: the first step whose loss was not finite, or −1
  std::map<int64_t, StepGraph> graphs_;  // by batch: an epoch's last one may be smaller
};

}  // namespace stroma
