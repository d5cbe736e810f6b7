// The learning rate of a step under the one-cycle schedule (Smith & Topin 2018) as PyTorch's
// OneCycleLR has it: from 1/25 of the highest rate up in a share of all steps, then down to
// 1/10,000 of the first rate, both along half a cosine.
#pragma once

#include <cmath>
#include <cstdint>

#include "kernels/context.h"
#include "kernels/philox.h"  // STROMA_HOST_DEVICE

namespace stroma::kernels {

/// What the highest rate is multiplied by at `step`, from 0, of `steps`; `rise` in (0, 1) is the
/// share of steps that go up.
STROMA_HOST_DEVICE inline double one_cycle_factor(int64_t step, int64_t steps, double rise) {
  constexpr double first = 1.0 / 25, last = first / 1e4, pi = 3.14159265358979323846;
  const double top = rise * static_cast<double>(steps) - 1;
  const double end = static_cast<double>(steps) - 1;
  const auto now = static_cast<double>(step);
  const bool rises = now <= top;
  const double from = rises ? first : 1, to = rises ? 1 : last;
  const double width = rises ? top : end - top;
  const double done = rises ? now : now - top;
  const double share = width > 0 ? done / width : 1;
  return to + (from - to) / 2 * (1 + cos(pi * share));
}

/// *learning_rate = *highest · factor of *step.
struct OneCycle {
  int64_t steps;
  double rise;
  const int64_t* step;    // [1]: updates done
  const double* highest;  // [1]
  float* learning_rate;   // [1], written
};

void one_cycle(const Cpu&, const OneCycle&);
void one_cycle(const Cuda&, const OneCycle&);

}  // namespace stroma::kernels
