// The batch of a training step, on the CPU.
#include "kernels/gather_batch.h"

#include <algorithm>
#include <cmath>

namespace stroma::kernels {

void gather_batch(const Cpu&, const GatherBatch& g) {
  g.check();
  const int32_t* order = g.order + *g.cursor;
  for (int64_t n = 0; n < g.batch; ++n) {
    g.starts[n] = g.example_start[order[n]];
    g.labels[n] = g.example_label[order[n]];
    if (g.lengths != nullptr) g.lengths[n] = g.example_length[order[n]];
    if (g.weights != nullptr) g.weights[n] = g.example_weight[order[n]];
    if (g.groups != nullptr) g.groups[n] = g.example_group[order[n]];
    if (g.batch_answers != nullptr) {
      std::copy_n(g.example_answers + order[n] * g.answers, g.answers,
                  g.batch_answers + n * g.answers);
    }
  }
}

void advance(const Cpu&, const Advance& a) {
  if (*a.bad_step < 0 && !std::isfinite(*a.loss)) *a.bad_step = *a.step;
  *a.cursor += a.batch;
  *a.step += 1;
}

}  // namespace stroma::kernels
