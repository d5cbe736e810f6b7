#include "engine/precision.h"

#include "kernels/error.h"

namespace stroma {
namespace {

thread_local Precision precision_of_thread = Precision::fp32;

}  // namespace

void check_precision(Precision precision, const Device& device) {
  if (precision == Precision::fp32 || device.kind == Device::Kind::cuda) return;
  throw Error("the CPU computes in fp32 alone, not in " + to_string(precision) +
              "; choose a GPU with --device, or --precision fp32");
}

PrecisionScope::PrecisionScope(Precision precision) : before_(precision_of_thread) {
  precision_of_thread = precision;
}
PrecisionScope::~PrecisionScope() { precision_of_thread = before_; }

Precision PrecisionScope::current() { return precision_of_thread; }

}  // namespace stroma
