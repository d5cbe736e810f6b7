// Any bytes as a CSV, compressed or not, with labels or without: read, or refused with an Error.
// What is read is read again from what is written of it.
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>

#include "datasets/labelled_csv.h"
#include "datasets/name_check.h"
#include "datasets/text_file.h"
#include "kernels/error.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void check(const std::string& text, stroma::Labels labels) {
  stroma::LabelledSequences read;
  try {
    read = stroma::parse_labelled_csv(text, "fuzz.csv", labels);
  } catch (const stroma::Error& error) {
    require(stroma::name_problem("the message", error.what()).empty());
    return;
  }
  const bool labelled = labels == stroma::Labels::required || !read.labels.empty();
  require(read.labels.size() == (labelled ? read.sequences.size() : 0));
  std::ostringstream csv;
  for (size_t i = 0; i < read.sequences.size(); ++i) {
    if (labelled) {
      require(stroma::name_problem("the label", read.labels[i]).empty());
      stroma::write_labelled_csv_line(csv, read.sequences[i].letters, read.labels[i]);
    } else {
      csv << read.sequences[i].letters << '\n';
    }
  }
  const stroma::LabelledSequences again =
      stroma::parse_labelled_csv(csv.str(), "again.csv", labels);
  require(again.labels == read.labels);
  require(again.sequences.size() == read.sequences.size());
  for (size_t i = 0; i < read.sequences.size(); ++i) {
    require(again.sequences[i].letters == read.sequences[i].letters);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string text;
  try {
    text = stroma::text_of(std::string(reinterpret_cast<const char*>(data), size), "fuzz.csv");
  } catch (const stroma::Error&) {
    return 0;
  }
  check(text, stroma::Labels::required);
  check(text, stroma::Labels::optional);
  return 0;
}
