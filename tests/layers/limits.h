// The sizes that users may ask for at their ends: hidden sizes to 1,024, batches to 65,536 (one
// more than a CUDA grid's second dimension holds), lengths to 100,000. On every device an operation
// must do all of the work, or refuse by name.
#pragma once

#include <cstdint>

namespace stroma::test {

constexpr int64_t most_hidden = 1024, most_examples = 65'536, most_letters = 100'000;

/// For check_float: gradients of weights are sums over all examples or positions, n = 10⁵ terms of
/// at most 1.5, whose partial sums stay below 4 · √n = 1,300. Each addition rounds by up to 2⁻²⁴ of
/// that, with either sign: √n · 2⁻²⁴ · 1,300 = 0.025 together. One example left out would be seen
/// as about 0.5.
constexpr double bound_at_limits = 0.05;

}  // namespace stroma::test
