// Any bytes as a FASTA file: records or an Error, nothing else.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "datasets/fasta.h"
#include "kernels/error.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const auto sequences = stroma::parse_fasta({reinterpret_cast<const char*>(data), size}, "fuzz");
    for (const auto& sequence : sequences) {
      if (sequence.id.empty() || sequence.letters.empty()) __builtin_trap();
    }
  } catch (const stroma::Error&) {
  }
  return 0;
}
