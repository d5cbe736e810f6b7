// Any bytes as a labelled CSV, compressed or not: read, or refused with an Error. What is read is
// read again from what is written of it.
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>

#include "datasets/labelled_csv.h"
#include "datasets/text_file.h"
#include "kernels/error.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  stroma::LabelledSequences read;
  try {
    const std::string bytes(reinterpret_cast<const char*>(data), size);
    read = stroma::parse_labelled_csv(stroma::text_of(bytes, "fuzz.csv"), "fuzz.csv");
  } catch (const stroma::Error&) {
    return 0;
  }
  std::ostringstream csv;
  for (size_t i = 0; i < read.labels.size(); ++i) {
    stroma::write_labelled_csv_line(csv, read.sequences[i].letters, read.labels[i]);
  }
  const stroma::LabelledSequences again = stroma::parse_labelled_csv(csv.str(), "again.csv");
  if (again.labels != read.labels) std::abort();
  for (size_t i = 0; i < read.labels.size(); ++i) {
    if (again.sequences[i].letters != read.sequences[i].letters) std::abort();
  }
  return 0;
}
