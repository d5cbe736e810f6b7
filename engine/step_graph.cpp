#include "engine/step_graph.h"

#include <memory>

#include "engine/dispatch.h"
#if STROMA_WITH_CUDA
#include "kernels/cuda/stream.h"
#endif

namespace stroma {
namespace {

std::function<void()> record(const Cpu&, const std::function<void()>& work) { return work; }

#if STROMA_WITH_CUDA
std::function<void()> record(const Cuda& cuda, const std::function<void()>& work) {
  return [cuda, graph = std::make_shared<kernels::Graph>(cuda, work)] { graph->launch(cuda); };
}
#endif

}  // namespace

void StepGraph::run(const std::function<void()>& work) {
  if (device_.kind == Device::Kind::cpu || !warm_) {
    warm_ = true;
    return work();
  }
  if (!replay_) {
    on_device(device_, [&](const auto& context) { replay_ = record(context, work); });
  }
  replay_();
}

}  // namespace stroma
