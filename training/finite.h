// The rule on numbers that are not finite: a loss or weights that are infinite or not a number end
// a training; they are never saved, never best, and nothing is computed from them.
#pragma once

#include <filesystem>
#include <vector>

#include "engine/module.h"
#include "engine/tensor.h"
#include "kernels/error.h"

namespace stroma {

/// The training has diverged: its loss or its weights are no longer finite numbers.
class Diverged : public Error {
 public:
  using Error::Error;
};

/// What to do about it.
inline constexpr const char* after_divergence = "try a smaller --lr or --clip-norm 1";

bool all_finite(const std::vector<float>& values);
/// The same of a tensor of float32, on any device; what counts, an integer, is finite.
bool all_finite(const Tensor& tensor);

/// Throws Error, naming the file that they are from, where weights are not finite.
void check_weights(const Module& network, const std::filesystem::path& file);

}  // namespace stroma
