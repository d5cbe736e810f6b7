// A piece of work that a device does again and again with the same memory: the training step.
#pragma once

#include <functional>

#include "engine/device.h"

namespace stroma {

/// On the CPU, `run` does the work. On a GPU the first run does it and so takes the memory that it
/// needs; the second records it as a graph, and every run from then on is one launch of that graph.
/// So the work must mean the same each time: whatever changes lies in device memory, and it must
/// neither wait for the device nor bring anything to the host.
class StepGraph {
 public:
  explicit StepGraph(Device device) : device_(device) {}

  void run(const std::function<void()>& work);

 private:
  Device device_;
  bool warm_ = false;
  std::function<void()> replay_;  // launches the recorded graph; empty until there is one
};

}  // namespace stroma
