// Any bytes as a Stockholm file: sequences of letters, or an Error whose message a screen can show.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "datasets/file_format.h"
#include "datasets/name_check.h"
#include "kernels/error.h"

namespace stroma {
FileFormat stockholm_format();
}

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const stroma::DataFile file = stroma::stockholm_format().read(text, "fuzz", {});
    require(!file.sequences.empty());
    require(file.labels.empty() || file.labels.size() == file.sequences.size());
    for (const stroma::Sequence& sequence : file.sequences) {
      require(!sequence.letters.empty() && sequence.line > 0);
      require(stroma::name_problem("the id", sequence.id).empty());
      for (const char c : sequence.letters) require(c >= 'A' && c <= 'Z');
    }
  } catch (const stroma::Error& error) {
    require(stroma::name_problem("the message", error.what()).empty());
  }
  return 0;
}
