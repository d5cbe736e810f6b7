// The one-cycle learning rate on the CPU.
#include "kernels/one_cycle.h"

namespace stroma::kernels {

void one_cycle(const Cpu&, const OneCycle& o) {
  *o.learning_rate = static_cast<float>(*o.highest * one_cycle_factor(*o.step, o.steps, o.rise));
}

}  // namespace stroma::kernels
