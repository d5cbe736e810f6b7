// Any bytes as a GenBank file: whole records or an Error, nothing else; and what is read can be
// extracted from.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "datasets/extract.h"
#include "datasets/genbank.h"
#include "kernels/error.h"

namespace {

void require(bool condition) {
  if (!condition) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<stroma::Record> records;
  try {
    records = stroma::parse_genbank({reinterpret_cast<const char*>(data), size}, "fuzz");
  } catch (const stroma::Error&) {
    return 0;
  }
  for (const stroma::Record& record : records) {
    require(!record.letters.empty());
    for (const stroma::Feature& feature : record.features) {
      try {
        const stroma::Location location = stroma::location_of(record, feature);
        require(!location.spans.empty());
        for (const stroma::Span& span : location.spans) {
          require(0 <= span.begin && span.begin <= span.end);
          require(!span.remote.empty() || span.end <= static_cast<int64_t>(record.letters.size()));
        }
        if (!location.is_remote()) stroma::letters_at(location, record.letters);
      } catch (const stroma::Error&) {
      }
    }
  }
  for (const auto unique : {stroma::Unique::sequence, stroma::Unique::name, stroma::Unique::none}) {
    try {
      for (const auto& sequence :
           stroma::extract_upstream(records, {.length = 5, .unique = unique}).sequences) {
        require(sequence.letters.size() == 5);
      }
    } catch (const stroma::Error&) {
    }
  }
  try {
    stroma::extract_proteins(records, {.min_length = 2});
  } catch (const stroma::Error&) {
  }
  return 0;
}
