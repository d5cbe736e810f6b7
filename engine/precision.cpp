#include "engine/precision.h"

#include <algorithm>

#include "kernels/error.h"

namespace stroma {
namespace {

thread_local Precision precision_of_thread = Precision::fp32;

}  // namespace

const std::vector<std::string>& precision_names() {
  static const std::vector<std::string> names = {"fp32", "tf32", "bf16"};
  return names;
}

std::string to_string(Precision precision) {
  return precision_names()[static_cast<std::size_t>(precision)];
}

Precision precision_named(const std::string& name) {
  const std::vector<std::string>& names = precision_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    throw Error("\"" + name + "\" is no precision; there are fp32, tf32 and bf16");
  }
  return static_cast<Precision>(found - names.begin());
}

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
