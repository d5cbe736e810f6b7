#include "kernels/graph.h"

#include <memory>

#include "kernels/cuda/stream.h"

namespace stroma::kernels {

std::function<void()> record(const Cuda& cuda, const std::function<void()>& work) {
  return [cuda, graph = std::make_shared<Graph>(cuda, work)] { graph->launch(cuda); };
}

}  // namespace stroma::kernels
