// Any bytes as a file, compressed or not: a text, or an Error whose message is one line that a
// screen can show; and the same of the names of other formats.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "datasets/file_kind.h"
#include "datasets/name_check.h"
#include "datasets/text_file.h"
#include "kernels/error.h"

namespace {

void require_showable(std::string_view message) {
  if (!stroma::name_problem("the message", message).empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const std::string text =
        stroma::text_of(std::string(reinterpret_cast<const char*>(data), size), "fuzz");
    if (const auto kind = stroma::foreign_kind(text)) require_showable(*kind);
  } catch (const stroma::Error& error) {
    require_showable(error.what());
  }
  return 0;
}
