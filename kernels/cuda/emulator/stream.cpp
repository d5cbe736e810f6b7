// Streams, events, and graphs as lists of recorded work.
#include "kernels/cuda/emulator/stream.h"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

struct CUgraph_st {
  std::vector<std::function<void()>> work;
};
struct CUgraphExec_st {
  std::vector<std::function<void()>> work;
};

namespace {

/// A capture and the streams that have joined it.
struct Capture {
  CUgraph_st* graph;
  CUstream_st* origin;
  cudaStreamCaptureMode mode;
  std::thread::id thread;  // that began it
  bool lost = false;
  std::vector<CUstream_st*> unjoined;  // forked off, and not yet waited for by the origin
};

std::mutex mutex;                // of the list
std::vector<Capture*> captures;  // going on now
thread_local cudaStreamCaptureMode thread_mode = cudaStreamCaptureModeGlobal;

}  // namespace

struct CUstream_st {
  Capture* capture = nullptr;
};
struct CUevent_st {
  std::chrono::steady_clock::time_point time{};
  Capture* capture = nullptr;     // recorded in this capture,
  CUstream_st* stream = nullptr;  // in this stream
};

namespace stroma::emulator {

cudaError_t enqueue(cudaStream_t stream, std::function<void()> work) {
  if (stream == nullptr || stream->capture == nullptr) {
    if (stream == nullptr) {
      // The default stream waits for all others, which a captured one cannot take part in.
      if (const cudaError_t error = forbid_in_capture()) return error;
    }
    work();
    return cudaSuccess;
  }
  if (stream->capture->lost) return remember(cudaErrorStreamCaptureInvalidated);
  stream->capture->graph->work.push_back(std::move(work));
  return cudaSuccess;
}

cudaError_t forbid_in_capture() {
  if (thread_mode == cudaStreamCaptureModeRelaxed) return cudaSuccess;
  const std::lock_guard lock(mutex);
  bool forbidden = false;
  for (Capture* capture : captures) {
    const bool by_others = capture->thread != std::this_thread::get_id();
    if (capture->mode == cudaStreamCaptureModeRelaxed) continue;
    if (capture->mode == cudaStreamCaptureModeThreadLocal && by_others) continue;
    capture->lost = forbidden = true;
  }
  return forbidden ? remember(cudaErrorStreamCaptureUnsupported) : cudaSuccess;
}

cudaError_t forbid_during_captures() {
  const std::lock_guard lock(mutex);
  for (Capture* capture : captures) capture->lost = true;
  return captures.empty() ? cudaSuccess : remember(cudaErrorStreamCaptureUnsupported);
}

}  // namespace stroma::emulator

using stroma::emulator::enqueue;
using stroma::emulator::remember;

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  *stream = new CUstream_st;
  return cudaSuccess;
}
cudaError_t cudaStreamCreate(cudaStream_t* stream) {
  return cudaStreamCreateWithFlags(stream, cudaStreamDefault);
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  delete stream;
  return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  if (stream != nullptr && stream->capture != nullptr) {
    stream->capture->lost = true;
    return remember(cudaErrorStreamCaptureUnsupported);
  }
  return stroma::emulator::forbid_in_capture();
}
cudaError_t cudaStreamQuery(cudaStream_t stream) { return cudaStreamSynchronize(stream); }

cudaError_t cudaLaunchHostFunc(cudaStream_t stream, void (*function)(void*), void* argument) {
  return enqueue(stream, [=] { function(argument); });
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
  *event = new CUevent_st;
  return cudaSuccess;
}
cudaError_t cudaEventCreate(cudaEvent_t* event) {
  return cudaEventCreateWithFlags(event, cudaEventDefault);
}
cudaError_t cudaEventDestroy(cudaEvent_t event) {
  delete event;
  return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  event->stream = stream;
  event->capture = stream == nullptr ? nullptr : stream->capture;
  if (event->capture == nullptr) event->time = std::chrono::steady_clock::now();
  return cudaSuccess;
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
  Capture* capture = event->capture;
  if (capture == nullptr) return cudaSuccess;  // all that came before has been done
  if (stream == nullptr) return remember(cudaErrorStreamCaptureUnsupported);
  if (stream->capture == nullptr) {
    stream->capture = capture;
    capture->unjoined.push_back(stream);
  } else if (stream->capture != capture) {
    return remember(cudaErrorStreamCaptureUnsupported);
  }
  std::erase(capture->unjoined, event->stream);
  return cudaSuccess;
}

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  if (event->capture == nullptr) return cudaSuccess;
  event->capture->lost = true;
  return remember(cudaErrorStreamCaptureUnsupported);
}
cudaError_t cudaEventQuery(cudaEvent_t event) { return cudaEventSynchronize(event); }

cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t start, cudaEvent_t end) {
  if (start->time == decltype(start->time){} || end->time == decltype(end->time){}) {
    return remember(cudaErrorInvalidResourceHandle);  // one was never recorded
  }
  *milliseconds = std::chrono::duration<float, std::milli>(end->time - start->time).count();
  return cudaSuccess;
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode) {
  if (stream == nullptr) return remember(cudaErrorStreamCaptureUnsupported);
  if (stream->capture != nullptr) return remember(cudaErrorInvalidValue);
  const std::lock_guard lock(mutex);
  stream->capture =
      new Capture{new CUgraph_st, stream, mode, std::this_thread::get_id(), false, {}};
  captures.push_back(stream->capture);
  return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  *graph = nullptr;
  if (stream == nullptr || stream->capture == nullptr || stream->capture->origin != stream) {
    return remember(cudaErrorInvalidValue);
  }
  const std::lock_guard lock(mutex);
  Capture* capture = std::exchange(stream->capture, nullptr);
  std::erase(captures, capture);
  cudaError_t error = cudaSuccess;
  if (!capture->unjoined.empty()) error = cudaErrorStreamCaptureUnjoined;
  if (capture->lost) error = cudaErrorStreamCaptureInvalidated;
  if (error == cudaSuccess) {
    *graph = capture->graph;
  } else {
    delete capture->graph;
  }
  delete capture;
  return remember(error);
}

cudaError_t cudaStreamIsCapturing(cudaStream_t stream, cudaStreamCaptureStatus* status) {
  const Capture* capture = stream == nullptr ? nullptr : stream->capture;
  *status = capture == nullptr ? cudaStreamCaptureStatusNone
            : capture->lost    ? cudaStreamCaptureStatusInvalidated
                               : cudaStreamCaptureStatusActive;
  return cudaSuccess;
}

cudaError_t cudaThreadExchangeStreamCaptureMode(cudaStreamCaptureMode* mode) {
  std::swap(*mode, thread_mode);
  return cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph,
                                 unsigned long long) {
  *executable = new CUgraphExec_st{graph->work};
  return cudaSuccess;
}
cudaError_t cudaGraphGetNodes(cudaGraph_t graph, cudaGraphNode_t* nodes, std::size_t* count) {
  if (nodes != nullptr) return remember(cudaErrorInvalidValue);  // only the count
  *count = graph->work.size();
  return cudaSuccess;
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
  return enqueue(stream, [executable] {
    for (const auto& work : executable->work) work();
  });
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  delete executable;
  return cudaSuccess;
}
cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  delete graph;
  return cudaSuccess;
}
