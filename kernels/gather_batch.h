// Picks the examples of one batch: a permutation of the examples and a cursor into it lie on the
// device, so that a captured step can be replayed for every batch of an epoch.
#pragma once

#include <cstdint>

#include "kernels/check.h"
#include "kernels/context.h"

namespace stroma::kernels {

struct GatherBatch {
  int64_t batch;
  const int64_t* cursor;         // [1]: the batch is order[*cursor … + batch)
  const int32_t* order;          // [examples]: example numbers, shuffled
  const int64_t* example_start;  // [all examples]: first letter in the array of codes
  const int32_t* example_label;  // [all examples]
  int64_t* starts;               // [batch], written
  int32_t* labels;               // [batch], written
  // Positions that are no padding; both null where no example is padded.
  const int32_t* example_length = nullptr;  // [all examples]
  int32_t* lengths = nullptr;               // [batch], written
  // What an example weighs in the loss, its group, and its answer to each of several questions:
  // both null where the loss asks for none.
  const float* example_weight = nullptr;   // [all examples]
  float* weights = nullptr;                // [batch], written
  const int32_t* example_group = nullptr;  // [all examples]
  int32_t* groups = nullptr;               // [batch], written
  int64_t answers = 0;
  const int32_t* example_answers = nullptr;  // [all examples, answers]
  int32_t* batch_answers = nullptr;          // [batch, answers], written

  void check() const {
    STROMA_ASSERT((example_length == nullptr) == (lengths == nullptr) &&
                      (example_weight == nullptr) == (weights == nullptr) &&
                      (example_group == nullptr) == (groups == nullptr) &&
                      (example_answers == nullptr) == (batch_answers == nullptr),
                  "what a batch has comes from what the examples have");
  }
};

void gather_batch(const Cpu&, const GatherBatch&);
void gather_batch(const Cuda&, const GatherBatch&);

/// The end of a training step: *cursor += batch, *step += 1.
struct Advance {
  int64_t batch;
  const float* loss;  // [1]: of this step
  int64_t* cursor;    // [1]
  int64_t* step;      // [1]
  int64_t* bad_step;  // [1]: the first step whose loss is not finite; −1 while there is none
};

void advance(const Cpu&, const Advance&);
void advance(const Cuda&, const Advance&);

}  // namespace stroma::kernels
