#include "augment/windows.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "augment/substrings.h"
#include "datasets/labelled_csv.h"
#include "kernels/error.h"

namespace stroma {
namespace {

void check_options(const WindowOptions& options) {
  if (options.length < 1) {
    throw Error(
        fmt::format("a window of {} letters is none; give a length of at least 1", options.length));
  }
  if (options.min_overlap < 0 || options.min_overlap > options.max_overlap) {
    throw Error(fmt::format("overlaps from {} to {} are none; give 0 ≤ minimum ≤ maximum",
                            options.min_overlap, options.max_overlap));
  }
  if (options.max_overlap >= options.length) {
    throw Error(
        fmt::format("windows of {} letters cannot overlap by {}; give a maximal overlap "
                    "below the length",
                    options.length, options.max_overlap));
  }
  if (options.min_shared < 1) {
    throw Error(fmt::format("{} shared letters are too few; give at least 1", options.min_shared));
  }
}

void check_length(std::string_view sequence, const WindowOptions& options) {
  if (std::ssize(sequence) < options.length) {
    throw Error(
        fmt::format("the sequence has {} letters, fewer than a window of {}; leave it out "
                    "or use shorter windows",
                    sequence.size(), options.length));
  }
  if (sequence.size() > std::numeric_limits<int32_t>::max()) {
    throw Error(
        fmt::format("the sequence has {} letters, more than 2^31 - 1; divide it", sequence.size()));
  }
}

// Step 1, as flags by offset.
std::vector<char> regular_windows(int64_t windows, const WindowOptions& options) {
  std::vector<char> taken(windows, 0);
  for (int64_t overlap = options.min_overlap; overlap <= options.max_overlap; ++overlap) {
    const int64_t step = options.length - overlap;
    for (const int64_t start : {int64_t{0}, overlap, overlap / 2}) {
      for (int64_t offset = start; offset < windows; offset += step) taken[offset] = 1;
    }
  }
  return taken;
}

// Counts of set flags before each place, so that a range is tested by a difference.
std::vector<int32_t> counts_before(const std::vector<char>& flags) {
  std::vector<int32_t> counts(flags.size() + 1, 0);
  for (size_t i = 0; i < flags.size(); ++i) counts[i + 1] = counts[i] + (flags[i] != 0);
  return counts;
}

// Step 2: adds to `taken` each window that contains a text of min_shared letters which also occurs
// in a window of step 1.
void add_sharing_windows(std::string_view sequence, const WindowOptions& options,
                         std::vector<char>& taken) {
  const int64_t inner = options.length - options.min_shared;  // last start of such a text
  if (inner < 0) return;
  const std::vector<Place> first = first_equal_substrings({sequence}, options.min_shared);
  const int64_t starts = std::ssize(sequence) - options.min_shared + 1;

  const std::vector<int32_t> taken_before = counts_before(taken);
  const int64_t windows = std::ssize(taken);
  std::vector<char> known(starts, 0);  // by first occurrence: is the text in a window of step 1?
  for (int64_t i = 0; i < starts; ++i) {
    const int64_t low = std::max<int64_t>(0, i - inner);
    const int64_t high = std::min(i + 1, windows);
    if (taken_before[high] > taken_before[low]) known[first[i]] = 1;
  }
  for (int64_t i = 0; i < starts; ++i) known[i] = known[first[i]];  // first[i] ≤ i: already final

  const std::vector<int32_t> known_before = counts_before(known);
  for (int64_t offset = 0; offset < windows; ++offset) {
    if (known_before[offset + inner + 1] > known_before[offset]) taken[offset] = 1;
  }
}

}  // namespace

std::vector<int32_t> window_offsets(std::string_view sequence, const WindowOptions& options) {
  check_options(options);
  check_length(sequence, options);
  const int64_t windows = std::ssize(sequence) - options.length + 1;
  std::vector<char> taken = regular_windows(windows, options);
  add_sharing_windows(sequence, options, taken);

  const std::vector<Place> first = first_equal_substrings({sequence}, options.length);
  std::vector<char> distinct(windows, 0);
  for (int64_t offset = 0; offset < windows; ++offset) {
    if (taken[offset]) distinct[first[offset]] = 1;
  }
  std::vector<int32_t> offsets;
  for (int64_t offset = 0; offset < windows; ++offset) {
    if (distinct[offset]) offsets.push_back(static_cast<int32_t>(offset));
  }
  return offsets;
}

Dataset windows_dataset(LabelledSequences labelled, const WindowOptions& options) {
  if (labelled.sequences.empty()) throw Error("there is no sequence to make windows of");
  LabelIndex index = index_labels(labelled.labels);
  Dataset dataset;
  dataset.length = options.length;
  for (size_t i = 0; i < labelled.sequences.size(); ++i) {
    const Sequence& sequence = labelled.sequences[i];
    try {
      for (const int32_t offset : window_offsets(sequence.letters, options)) {
        dataset.examples.push_back({static_cast<int32_t>(i), offset, index.index[i]});
      }
    } catch (const Error& error) {
      const std::string line = sequence.line > 0 ? fmt::format("line {}: ", sequence.line) : "";
      throw Error(fmt::format("{}{}: {}", line, sequence.id, error.what()));
    }
  }
  dataset.sequences = std::move(labelled.sequences);
  dataset.labels = std::move(index.labels);
  return dataset;
}

void write_windows_csv(std::ostream& out, const Dataset& dataset) {
  for (const Example& example : dataset.examples) {
    write_labelled_csv_line(out, dataset.window(example), dataset.labels[example.label]);
  }
}

}  // namespace stroma
