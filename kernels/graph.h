// Work recorded once, to be done again and again with the same memory.
#pragma once

#include <functional>

#include "kernels/context.h"

namespace stroma::kernels {

/// Returns what does `work` again. On a GPU this records the kernels that `work` gives to the
/// context, does none of them now, and the result starts them as one graph; `work` must neither
/// wait for the device nor copy to or from the host. On the CPU the result is `work` itself.
std::function<void()> record(const Cpu&, const std::function<void()>& work);
std::function<void()> record(const Cuda&, const std::function<void()>& work);

}  // namespace stroma::kernels
