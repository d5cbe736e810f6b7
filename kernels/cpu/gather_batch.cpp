// The batch of a training step, on the CPU.
#include "kernels/gather_batch.h"

#include <cmath>

namespace stroma::kernels {

void gather_batch(const Cpu&, const GatherBatch& g) {
  g.check();
  const int32_t* order = g.order + *g.cursor;
  for (int64_t n = 0; n < g.batch; ++n) {
    g.starts[n] = g.example_start[order[n]];
    g.labels[n] = g.example_label[order[n]];
    if (g.lengths != nullptr) g.lengths[n] = g.example_length[order[n]];
  }
}

void advance(const Cpu&, const Advance& a) {
  if (*a.bad_step < 0 && !std::isfinite(*a.loss)) *a.bad_step = *a.step;
  *a.cursor += a.batch;
  *a.step += 1;
}

}  // namespace stroma::kernels
