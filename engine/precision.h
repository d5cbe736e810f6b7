// The precision of matrix products on GPUs: its names, and who asks for which. docs/precision.md
// says what they mean.
#pragma once

#include "engine/device.h"
#include "engine/names.h"
#include "kernels/context.h"

namespace stroma {

template <>
struct NamesOf<Precision> {
  static constexpr const char* kind = "precision";
  static constexpr const char* all[] = {"fp32", "tf32", "bf16"};
};

/// Throws Error for a precision that the device does not have: a CPU has fp32 alone.
void check_precision(Precision precision, const Device& device);

/// While it lives, what its thread computes on a GPU is in this precision; fp32 without one.
class PrecisionScope {
 public:
  explicit PrecisionScope(Precision precision);
  ~PrecisionScope();
  PrecisionScope(const PrecisionScope&) = delete;
  PrecisionScope& operator=(const PrecisionScope&) = delete;

  /// Of the calling thread.
  static Precision current();

 private:
  Precision before_;
};

}  // namespace stroma
