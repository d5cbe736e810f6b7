#include "augment/windows.h"

#include <fmt/format.h>

#include <limits>
#include <utility>

#include "datasets/labelled_csv.h"
#include "engine/dispatch.h"
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

void check_not_too_long(std::string_view sequence) {
  if (sequence.size() > std::numeric_limits<int32_t>::max()) {
    throw Error(
        fmt::format("the sequence has {} letters, more than 2^31 - 1; divide it", sequence.size()));
  }
}

// The windows of all sequences: sequence and offset of one after the other.
std::vector<int32_t> places_of(const std::vector<std::string_view>& sequences,
                               const WindowOptions& options, Device device) {
  std::vector<uint8_t> letters;
  std::vector<int64_t> begins = {0};
  for (const std::string_view sequence : sequences) {
    letters.insert(letters.end(), sequence.begin(), sequence.end());
    begins.push_back(std::ssize(letters));
  }
  const int64_t room =
      kernels::room_for_windows(std::ssize(sequences), begins.data(), options.length);
  const Tensor codes = Tensor::of(letters, {std::ssize(letters)}, device);
  Tensor places = Tensor::empty({room, 2}, DType::int32, device);
  Tensor count = Tensor::empty({1}, DType::int64, device);
  on_device(device, [&](const auto& context) {
    kernels::windows(context, {.options = options,
                               .sequences = std::ssize(sequences),
                               .begins = begins.data(),
                               .letters = codes.data<uint8_t>(),
                               .places = places.data<int32_t>(),
                               .count = count.data<int64_t>()});
  });
  return places.rows(0, count.item<int64_t>()).to_vector<int32_t>();
}

}  // namespace

std::vector<int32_t> window_offsets(std::string_view sequence, const WindowOptions& options) {
  check_options(options);
  if (std::ssize(sequence) < options.length) {
    throw Error(
        fmt::format("the sequence has {} letters, fewer than a window of {}; leave it out "
                    "or use shorter windows",
                    sequence.size(), options.length));
  }
  check_not_too_long(sequence);
  std::vector<int32_t> offsets;
  const std::vector<int32_t> places = places_of({sequence}, options, {});
  for (size_t i = 0; i < places.size(); i += 2) offsets.push_back(places[i + 1]);
  return offsets;
}

Dataset windows_dataset(LabelledSequences labelled, const WindowOptions& options, Device device) {
  if (labelled.sequences.empty()) throw Error("there is no sequence to make windows of");
  check_options(options);
  std::vector<std::string_view> sequences;
  for (const Sequence& sequence : labelled.sequences) {
    try {
      check_not_too_long(sequence.letters);
    } catch (const Error& error) {
      throw Error(fmt::format("{}: '{}': {}", place_of(sequence), sequence.id, error.what()));
    }
    sequences.emplace_back(sequence.letters);
  }

  LabelIndex index = index_labels(labelled.labels);
  Dataset dataset;
  dataset.length = options.length;
  const std::vector<int32_t> places = places_of(sequences, options, device);
  for (size_t i = 0; i < places.size(); i += 2) {
    dataset.examples.push_back({places[i], places[i + 1], index.index[places[i]]});
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
