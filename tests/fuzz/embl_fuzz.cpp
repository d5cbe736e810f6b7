// Any bytes as a EMBL file: whole records or an Error, nothing else.
#include "datasets/embl.h"
#include "tests/fuzz/records.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<stroma::Record> records;
  try {
    records = stroma::parse_embl({reinterpret_cast<const char*>(data), size}, "fuzz");
  } catch (const stroma::Error&) {
    return 0;
  }
  stroma::fuzz::check_records(records);
  return 0;
}
