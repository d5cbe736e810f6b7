#include "engine/step_graph.h"

#include "engine/dispatch.h"
#include "kernels/graph.h"

namespace stroma {

void StepGraph::run(const std::function<void()>& work) {
  if (device_.kind == Device::Kind::cpu || !warm_) {
    warm_ = true;
    return work();
  }
  if (!replay_) {
    on_device(device_, [&](const auto& context) { replay_ = kernels::record(context, work); });
  }
  replay_();
}

}  // namespace stroma
