// Trains a network: epochs of shuffled batches, a validation pass after each, the learning rate's
// schedule, early stopping. It can stop after any batch and go on later with the same bits.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "training/learner.h"

namespace stroma {

struct EpochMetrics {
  int epoch = 0;  // from 1
  double train_loss = 0, train_accuracy = 0;
  // None without a validation part; the loss weighted by class where that of the training is.
  std::optional<double> validation_loss, validation_accuracy;
  double learning_rate = 0;  // of its last update
  double seconds = 0;
};

/// What a watcher is told, a few times a second at most.
struct Progress {
  int epoch = 0, epochs = 0;
  int64_t examples_done = 0, examples = 0;  // of this epoch
  double loss = 0, accuracy = 0;            // over examples_done
};

struct Watcher {
  std::function<void(const Progress&)> progress;
  std::function<void(const EpochMetrics&)> epoch_done;
  /// Called after each epoch and at a stop, when the trainer's state is worth saving.
  std::function<void()> save;
  /// Asked after every batch.
  std::function<bool()> stop_requested;
};

/// Where training stands, apart from tensors.
struct TrainerPosition {
  int epochs_done = 0;
  int64_t cursor = 0;       // examples of the current epoch that are done
  int64_t step = 0;         // updates done
  TrainingStep::Sums sums;  // of the current epoch so far
  int best_epoch = 0;       // from 1; 0: none yet
  double best_loss = 0;     // lowest validation loss, of the kind that is trained
  std::vector<EpochMetrics> history;
};

class Trainer {
 public:
  /// `train` and `validation` are numbers of examples of the learner's data; it trains as its spec
  /// says, and must outlive the trainer.
  Trainer(Learner& learner, std::vector<int32_t> train, std::vector<int32_t> validation);

  enum class Outcome { finished, stopped_early, interrupted };
  /// Trains until the last epoch, an early stop or a request to stop. Throws Diverged, and calls no
  /// `save`, where a loss, the weights or the optimiser's moments are no longer finite; position()
  /// then tells the epochs before.
  Outcome run(const Watcher& watcher);

  const TrainerPosition& position() const { return position_; }
  /// Parameters and buffers ("model.…"), the optimiser's moments ("optimizer.…") and, where the
  /// best weights are kept, those ("best.…").
  std::map<std::string, Tensor> tensors() const;
  /// Throws Error where they do not fit the model or are not finite.
  void restore(const TrainerPosition& position, const std::map<std::string, Tensor>& tensors);
  /// Puts back the weights of the best epoch if the spec asks for them.
  void keep_chosen_weights();

 private:
  void begin_epoch();
  double rate_of_epoch() const;
  void validate(EpochMetrics& metrics);
  void check_finite() const;
  bool patience_is_over() const;

  Learner& learner_;
  TrainingStep& step_;
  std::vector<int32_t> train_;
  std::vector<int32_t> validation_;
  TrainerPosition position_;
  std::map<std::string, Tensor> best_;
};

/// The training examples in the order of an epoch, which is counted from 0.
std::vector<int32_t> epoch_order(const std::vector<int32_t>& train, uint64_t seed, int epoch);

}  // namespace stroma
