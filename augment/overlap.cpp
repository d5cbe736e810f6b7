#include "augment/overlap.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "kernels/error.h"
#include "kernels/substrings.h"

namespace stroma {
namespace {

using kernels::first_equal_substrings;
using kernels::Place;

std::vector<std::string_view> texts_of(const Dataset& dataset) {
  std::vector<std::string_view> texts;
  for (const Sequence& sequence : dataset.sequences) texts.emplace_back(sequence.letters);
  return texts;
}

// Where each sequence begins when all are laid end to end, and where the last one ends.
std::vector<Place> begins_of(const Dataset& dataset) {
  std::vector<Place> begins = {0};
  for (const Sequence& sequence : dataset.sequences) {
    begins.push_back(begins.back() + std::ssize(sequence.letters));
  }
  return begins;
}

}  // namespace

std::vector<int64_t> equal_examples(const Dataset& dataset) {
  std::vector<Place> numbers;
  if (dataset.padding) {  // examples are whole sequences, so that they can be compared one by one
    std::unordered_map<std::string_view, Place> known;
    for (const Example& example : dataset.examples) {
      const auto number = static_cast<Place>(known.size());
      numbers.push_back(known.emplace(dataset.window(example), number).first->second);
    }
    return numbers;
  }
  const std::vector<Place> begins = begins_of(dataset);
  const std::vector<Place> first = first_equal_substrings(Cpu{}, texts_of(dataset), dataset.length);
  for (const Example& example : dataset.examples) {
    numbers.push_back(first[begins[example.sequence] + example.offset]);
  }
  return numbers;
}

double label_ceiling(const Dataset& dataset, const std::vector<int64_t>& equal) {
  if (dataset.examples.empty()) return 1;
  std::vector<std::pair<Place, int32_t>> texts;  // of each example: its text, its label
  for (size_t i = 0; i < equal.size(); ++i) {
    texts.emplace_back(equal[i], dataset.examples[i].label);
  }
  std::sort(texts.begin(), texts.end());

  int64_t reachable = 0;
  for (size_t i = 0; i < texts.size();) {
    const Place text = texts[i].first;
    int64_t most = 0;
    while (i < texts.size() && texts[i].first == text) {
      const size_t label_begin = i;
      while (i < texts.size() && texts[i] == texts[label_begin]) ++i;
      most = std::max<int64_t>(most, i - label_begin);
    }
    reachable += most;
  }
  return static_cast<double>(reachable) / static_cast<double>(texts.size());
}

std::string describe_label_ceiling(double ceiling) {
  if (ceiling == 1) return "Label ceiling 1: equal windows carry equal labels.";
  return fmt::format(
      "Label ceiling {:.4f}: no classifier can be right on more of the windows, as equal ones "
      "carry "
      "different labels.",
      ceiling);
}

double leakage(const Dataset& dataset, const std::vector<int32_t>& train,
               const std::vector<int32_t>& test, int64_t min_shared) {
  if (min_shared < 1) {
    throw Error(fmt::format("{} shared letters are too few; give at least 1", min_shared));
  }
  if (dataset.length < min_shared || test.empty()) return 0;
  const std::vector<Place> begins = begins_of(dataset);
  const std::vector<Place> first = first_equal_substrings(Cpu{}, texts_of(dataset), min_shared);
  const auto place_of = [&](int32_t i) {
    return begins[dataset.examples[i].sequence] + dataset.examples[i].offset;
  };
  const auto text_of = [&](int32_t i) { return dataset.window(dataset.examples[i]); };
  const auto starts_of =
      [&](int32_t i) {  // texts of min_shared letters in an example; below 1: none
        return std::ssize(text_of(i)) - min_shared + 1;
      };

  // Places where a training window has a text: +1 where its texts begin, -1 behind the last.
  std::vector<int32_t> change(begins.back() + 1, 0);
  std::unordered_set<std::string_view> shorter;  // training examples
  for (const int32_t i : train) {
    if (starts_of(i) < 1) {
      shorter.insert(text_of(i));
      continue;
    }
    ++change[place_of(i)];
    --change[place_of(i) + starts_of(i)];
  }
  std::vector<char> seen(begins.back(), 0);  // by first occurrence of the text
  int64_t covering = 0;
  for (Place place = 0; place < begins.back(); ++place) {
    covering += change[place];
    if (covering > 0) seen[first[place]] = 1;
  }
  std::vector<int64_t> seen_before(begins.back() + 1, 0);
  for (Place place = 0; place < begins.back(); ++place) {
    seen_before[place + 1] = seen_before[place] + (first[place] >= 0 && seen[first[place]]);
  }
  const auto shares = [&](int32_t i) {
    if (starts_of(i) < 1) return shorter.contains(text_of(i));
    return seen_before[place_of(i) + starts_of(i)] > seen_before[place_of(i)];
  };
  return static_cast<double>(std::count_if(test.begin(), test.end(), shares)) /
         static_cast<double>(test.size());
}

double share_of_equal(const std::vector<int64_t>& equal, const std::vector<int32_t>& train,
                      const std::vector<int32_t>& test) {
  if (test.empty()) return 0;
  std::unordered_set<int64_t> learned;
  for (const int32_t i : train) learned.insert(equal[i]);
  const auto count = std::count_if(test.begin(), test.end(),
                                   [&](int32_t i) { return learned.contains(equal[i]); });
  return static_cast<double>(count) / static_cast<double>(test.size());
}

}  // namespace stroma
