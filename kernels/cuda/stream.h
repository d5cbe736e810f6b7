// Owners of the CUDA runtime's streams, events and graphs.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "kernels/context.h"
#include "kernels/cuda/runtime.h"

namespace stroma::kernels {

class PrivateMemory;

class Stream {
 public:
  Stream();
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  cudaStream_t get() const { return stream_; }

 private:
  cudaStream_t stream_ = nullptr;
};

/// Waits until all that was given to the context's stream is done.
void synchronize(const Cuda& cuda);

/// A moment in a stream.
class Event {
 public:
  Event();
  ~Event();
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  void record(const Cuda& cuda);
  /// What follows in the context's stream waits for the moment.
  void delay(const Cuda& cuda) const;
  /// From `start` to this, both recorded and reached.
  float milliseconds_since(const Event& start) const;

 private:
  cudaEvent_t event_ = nullptr;
};

/// Work recorded once, to be done again in one launch. The memory that it took from the pool while
/// it was recorded stays its own for as long as the graph lives.
class Graph {
 public:
  /// Records what `work` gives to the context's stream, which does none of it now. `work` must not
  /// wait for the stream, nor copy to or from the host.
  Graph(const Cuda& cuda, const std::function<void()>& work);
  ~Graph();
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  void launch(const Cuda& cuda) const;
  int64_t node_count() const { return node_count_; }

 private:
  std::unique_ptr<PrivateMemory> memory_;
  cudaGraphExec_t executable_ = nullptr;
  int64_t node_count_ = 0;
};

}  // namespace stroma::kernels
