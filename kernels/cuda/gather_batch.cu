// The batch of a training step, on the GPU.
#include <cmath>

#include "kernels/cuda/elements.h"
#include "kernels/gather_batch.h"

namespace stroma::kernels {
namespace {

/// starts[n] = example_start[order[*cursor + n]], and all else likewise: a thread an example.
struct Gather {
  GatherBatch g;
  __device__ void operator()(int64_t n) const {
    const int32_t example = g.order[*g.cursor + n];
    g.starts[n] = g.example_start[example];
    g.labels[n] = g.example_label[example];
    if (g.lengths != nullptr) g.lengths[n] = g.example_length[example];
    if (g.weights != nullptr) g.weights[n] = g.example_weight[example];
    if (g.groups != nullptr) g.groups[n] = g.example_group[example];
    if (g.batch_answers == nullptr) return;
    for (int64_t c = 0; c < g.answers; ++c) {
      g.batch_answers[n * g.answers + c] = g.example_answers[example * g.answers + c];
    }
  }
};

/// *cursor += batch, *step += 1, and a loss that is not finite remembered: one thread.
struct AdvanceOnce {
  Advance a;
  __device__ void operator()(int64_t) const {
    if (*a.bad_step < 0 && !std::isfinite(*a.loss)) *a.bad_step = *a.step;
    *a.cursor += a.batch;
    *a.step += 1;
  }
};

}  // namespace

void gather_batch(const Cuda& cuda, const GatherBatch& g) {
  g.check();
  for_each_element(cuda, g.batch, Gather{g});
}

void advance(const Cuda& cuda, const Advance& a) { for_each_element(cuda, 1, AdvanceOnce{a}); }

}  // namespace stroma::kernels
