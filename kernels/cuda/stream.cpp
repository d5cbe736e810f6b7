#include "kernels/cuda/stream.h"

#include "kernels/cuda/check.h"
#include "kernels/cuda/pool.h"

namespace stroma::kernels {

Stream::Stream() {
  check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "cudaStreamCreate");
}
Stream::~Stream() { cudaStreamDestroy(stream_); }

void synchronize(const Cuda& cuda) {
  check(cudaStreamSynchronize(cuda.stream), "cudaStreamSynchronize");
}

Event::Event() { check(cudaEventCreate(&event_), "cudaEventCreate"); }
Event::~Event() { cudaEventDestroy(event_); }

void Event::record(const Cuda& cuda) {
  check(cudaEventRecord(event_, cuda.stream), "cudaEventRecord");
}
void Event::delay(const Cuda& cuda) const {
  check(cudaStreamWaitEvent(cuda.stream, event_), "cudaStreamWaitEvent");
}
float Event::milliseconds_since(const Event& start) const {
  float milliseconds = 0;
  check(cudaEventSynchronize(event_), "cudaEventSynchronize");
  check(cudaEventElapsedTime(&milliseconds, start.event_, event_), "cudaEventElapsedTime");
  return milliseconds;
}

namespace {

/// Records from its making to end(), or to the end of the scope, when an exception leaves it.
class Capture {
 public:
  Capture(const Cuda& cuda, const PrivateMemory& memory) : use_(memory), stream_(cuda.stream) {
    check(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeThreadLocal),
          "cudaStreamBeginCapture");
  }
  ~Capture() {
    if (ended_) return;
    cudaGraph_t graph = nullptr;
    cudaStreamEndCapture(stream_, &graph);
    if (graph != nullptr) cudaGraphDestroy(graph);
    cudaGetLastError();
  }
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  cudaGraph_t end() {
    ended_ = true;
    cudaGraph_t graph = nullptr;
    check(cudaStreamEndCapture(stream_, &graph), "cudaStreamEndCapture");
    return graph;
  }

 private:
  PrivateMemory::Use use_;  // longer than the capture: nobody waits for the stream meanwhile
  cudaStream_t stream_;
  bool ended_ = false;
};

}  // namespace

Graph::Graph(const Cuda& cuda, const std::function<void()>& work)
    : memory_(std::make_unique<PrivateMemory>(cuda)) {
  Capture capture(cuda, *memory_);
  work();
  cudaGraph_t graph = capture.end();
  std::size_t count = 0;
  cudaError_t status = cudaGraphGetNodes(graph, nullptr, &count);
  if (status == cudaSuccess) status = cudaGraphInstantiate(&executable_, graph, 0);
  cudaGraphDestroy(graph);
  check(status, "cudaGraphInstantiate");
  node_count_ = static_cast<int64_t>(count);
}

Graph::~Graph() { cudaGraphExecDestroy(executable_); }

void Graph::launch(const Cuda& cuda) const {
  check(cudaGraphLaunch(executable_, cuda.stream), "cudaGraphLaunch");
}

}  // namespace stroma::kernels
