// Any bytes as a FASTA file: records with names and letters or an Error, nothing else; and what is
// read is read again from what is written of it.
#include <cstddef>
#include <cstdint>
#include <sstream>

#include "datasets/fasta.h"
#include "datasets/name_check.h"
#include "kernels/error.h"

namespace {

void require(bool condition) {
  if (!condition) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<stroma::Sequence> sequences;
  try {
    sequences = stroma::parse_fasta({reinterpret_cast<const char*>(data), size}, "fuzz");
  } catch (const stroma::Error& error) {
    require(stroma::name_problem("the message", error.what()).empty());
    return 0;
  }
  for (const stroma::Sequence& sequence : sequences) {
    require(!sequence.id.empty() && !sequence.letters.empty());
    require(stroma::name_problem("the id", sequence.id).empty());
  }
  std::ostringstream out;
  stroma::write_fasta(out, sequences);
  const auto again = stroma::parse_fasta(out.str(), "again");
  require(again.size() == sequences.size());
  for (size_t i = 0; i < again.size(); ++i) {
    require(again[i].id == sequences[i].id && again[i].letters == sequences[i].letters);
  }
  return 0;
}
