// The one-cycle learning rate on the GPU: one thread, from a step count that lies there, so that a
// recorded step stays right.
#include "kernels/cuda/elements.h"
#include "kernels/one_cycle.h"

namespace stroma::kernels {
namespace {

struct OneCycleOnce {
  OneCycle o;
  __device__ void operator()(int64_t) const {
    *o.learning_rate = static_cast<float>(*o.highest * one_cycle_factor(*o.step, o.steps, o.rise));
  }
};

}  // namespace

void one_cycle(const Cuda& cuda, const OneCycle& o) { for_each_element(cuda, 1, OneCycleOnce{o}); }

}  // namespace stroma::kernels
