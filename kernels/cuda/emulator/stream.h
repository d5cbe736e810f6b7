// How the emulated runtime does things in a stream: at once, or into a graph while it is captured.
#pragma once

#include <functional>

#include "kernels/cuda/emulator/runtime.h"

namespace stroma::emulator {

/// Does `work`, or records it where the stream is being captured.
cudaError_t enqueue(cudaStream_t stream, std::function<void()> work);

/// cudaErrorStreamCaptureUnsupported, and the captures are lost, if a call that waits for the
/// device or takes memory comes while a stream is captured; else cudaSuccess.
cudaError_t forbid_in_capture();

/// The same for what waits for all streams: also other threads' captures, of any mode, are lost.
cudaError_t forbid_during_captures();

/// Remembers an error for cudaGetLastError.
cudaError_t remember(cudaError_t error);

}  // namespace stroma::emulator
