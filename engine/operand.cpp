#include "engine/operand.h"

#include <algorithm>

#include "kernels/error.h"

namespace stroma {
namespace {

bool is_floating(const Tensor& tensor) {
  return tensor.dtype() == DType::float32 || tensor.dtype() == DType::float64;
}

bool fits(const Tensor& tensor, const Shape& pattern) {
  const Shape& shape = tensor.shape();
  return tensor.defined() && std::equal(shape.begin(), shape.end(), pattern.begin(), pattern.end(),
                                        [](int64_t extent, int64_t expected) {
                                          return expected == any ? extent > 0 : extent == expected;
                                        });
}

/// "[any, 4]".
std::string pattern_text(const Shape& pattern) {
  std::string text;
  for (const int64_t extent : pattern) {
    text += (text.empty() ? "" : ", ") + (extent == any ? "any" : std::to_string(extent));
  }
  return "[" + text + "]";
}

}  // namespace

void check_input(const char* operation, const Tensor& input) {
  if (input.defined() && is_floating(input) && input.count() > 0) return;
  throw Error(std::string(operation) + " takes an input of float32 or float64, not " +
              to_string(input));
}

void check_input(const char* operation, const Tensor& input, const Shape& pattern) {
  if (is_floating(input) && fits(input, pattern)) return;
  throw Error(std::string(operation) + " takes an input " + pattern_text(pattern) +
              " of float32 or float64, not " + to_string(input));
}

void check_operand(const char* operation, const char* name, const Tensor& tensor,
                   const Shape& pattern, DType dtype, Device device) {
  if (tensor.dtype() == dtype && tensor.device() == device && fits(tensor, pattern)) return;
  throw Error(std::string(operation) + " takes the " + name + " " + pattern_text(pattern) + " of " +
              to_string(dtype) + " on " + to_string(device) + ", not " + to_string(tensor));
}

}  // namespace stroma
