// From a tensor's device and element type to a kernel call.
#pragma once

#include <utility>

#include "engine/precision.h"
#include "engine/tensor.h"
#include "kernels/context.h"
#include "kernels/error.h"

namespace stroma {

/// Calls f(context) with the context of `device`, in the calling thread's precision.
template <class F>
void on_device(const Device& device, F&& f) {
  if (device.kind == Device::Kind::cpu) return f(Cpu{});
#if STROMA_WITH_CUDA
  Cuda cuda = cuda_context(device.index);
  cuda.precision = PrecisionScope::current();
  return f(std::as_const(cuda));
#else
  throw Error("this build of stroma has no GPU support; use --device cpu");
#endif
}

/// Calls f(context, T{}) with the context of the tensor's device and its element type: float on
/// any device, or double on the CPU, where gradients are tested tightly.
///   dispatch(x, [&]<class T>(const auto& context, T) { kernels::fill(context, …); });
template <class F>
void dispatch(const Tensor& like, F&& f) {
  if (like.dtype() == DType::float32) {
    return on_device(like.device(), [&](const auto& context) { f(context, float{}); });
  }
  if (like.dtype() == DType::float64 && like.device().kind == Device::Kind::cpu) {
    return f(Cpu{}, double{});
  }
  throw Error("no kernel for " + to_string(like.dtype()) + " on " + to_string(like.device()));
}

/// As kernels take it: nullptr where there is no such tensor.
template <class T>
const T* data_or_null(const Tensor& tensor) {
  return tensor.defined() ? tensor.data<T>() : nullptr;
}
template <class T>
T* data_or_null(Tensor& tensor) {
  return tensor.defined() ? tensor.data<T>() : nullptr;
}

}  // namespace stroma
