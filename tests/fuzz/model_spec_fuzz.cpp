// No text crashes the reader of model specs, nor what follows the shapes through one.
#include <cstdint>
#include <cstdlib>

#include "kernels/error.h"
#include "layers/network.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    const stroma::ModelSpec spec = stroma::parse_model_spec(text, "input");
    if (spec.layers.empty() || spec.text != text) std::abort();
    if (stroma::flows_of(spec, 3).size() != spec.layers.size() + 1) std::abort();
  } catch (const stroma::Error&) {
  }
  return 0;
}
