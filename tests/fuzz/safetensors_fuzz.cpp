// No bytes crash the safetensors reader, and what it accepts is as large as the file.
#include <cstdint>
#include <cstdlib>

#include "engine/safetensors.h"
#include "kernels/error.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  try {
    const stroma::SafetensorsFile file = stroma::parse_safetensors(
        std::string_view(reinterpret_cast<const char*>(data), size), "input");
    std::size_t bytes = 0;
    for (const auto& [name, tensor] : file.tensors) bytes += tensor.byte_count();
    if (bytes > size) std::abort();
  } catch (const stroma::Error&) {
  }
  return 0;
}
