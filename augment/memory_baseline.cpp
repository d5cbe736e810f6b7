#include "augment/memory_baseline.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <unordered_map>

#include "kernels/substrings.h"

namespace stroma {
namespace {

using kernels::Place;

std::vector<int64_t> class_sizes(const Dataset& dataset, const std::vector<int32_t>& examples) {
  std::vector<int64_t> sizes(dataset.labels.size());
  for (const int32_t i : examples) ++sizes[dataset.examples[i].label];
  return sizes;
}

int32_t commonest_label(const Dataset& dataset, const std::vector<int32_t>& examples) {
  const std::vector<int64_t> sizes = class_sizes(dataset, examples);
  return static_cast<int32_t>(std::max_element(sizes.begin(), sizes.end()) - sizes.begin());
}

/// Sums of labels, of which few are not 0 at a time.
class Sums {
 public:
  explicit Sums(std::size_t labels) : sums_(labels) {}

  void add(int32_t label, double value) {
    if (sums_[label] == 0) touched_.push_back(label);
    sums_[label] += value;
  }
  /// The label of the largest sum, the first of equal ones, or `otherwise`; all are 0 again.
  int32_t take_best(int32_t otherwise) {
    int32_t best = -1;
    for (const int32_t label : touched_) {
      const bool better =
          best < 0 || sums_[label] > sums_[best] || (sums_[label] == sums_[best] && label < best);
      if (better) best = label;
    }
    for (const int32_t label : touched_) sums_[label] = 0;
    touched_.clear();
    return best < 0 ? otherwise : best;
  }

 private:
  std::vector<double> sums_;
  std::vector<int32_t> touched_;
};

/// How often each k-mer was seen under each label: a list a k-mer, since nearly all have one label.
class KmerTable {
 public:
  KmerTable(const Dataset& dataset, int64_t k) : k_(k) {
    std::vector<std::string_view> texts;
    begins_ = {0};
    for (const Sequence& sequence : dataset.sequences) {
      texts.emplace_back(sequence.letters);
      begins_.push_back(begins_.back() + std::ssize(sequence.letters));
    }
    kmer_ = kernels::first_equal_substrings(Cpu{}, texts, k);
    first_.assign(kmer_.size(), -1);
  }

  /// The k-mers of the examples. Windows overlap: of those of a sequence in a row and of one label
  /// each place is counted at once.
  void add(const Dataset& dataset, const std::vector<int32_t>& examples) {
    std::vector<int64_t> change;  // by place in the sequence, in how many windows its k-mer is
    for (std::size_t i = 0; i < examples.size();) {
      const Example& head = dataset.examples[examples[i]];
      change.assign(dataset.sequences[head.sequence].letters.size() + 1, 0);
      for (; i < examples.size(); ++i) {
        const Example& example = dataset.examples[examples[i]];
        if (example.sequence != head.sequence || example.label != head.label) break;
        const int64_t kmers = kmers_in(dataset, example);
        if (kmers < 1) continue;
        ++change[example.offset];
        --change[example.offset + kmers];
      }
      int64_t windows = 0;
      for (std::size_t place = 0; place + 1 < change.size(); ++place) {
        windows += change[place];
        if (windows > 0) count(kmer_[begins_[head.sequence] + place], head.label, windows);
      }
    }
  }

  /// Adds the votes of an example's k-mers.
  void vote(const Dataset& dataset, const Example& example, Sums& sums) const {
    const Place begin = begins_[example.sequence] + example.offset;
    for (Place place = begin; place < begin + kmers_in(dataset, example); ++place) {
      const int64_t first = first_[kmer_[place]];
      double all = 0;
      for (int64_t i = first; i >= 0; i = counts_[i].next) all += counts_[i].count;
      for (int64_t i = first; i >= 0; i = counts_[i].next) {
        sums.add(counts_[i].label, counts_[i].count / all);
      }
    }
  }

 private:
  struct Count {
    int32_t label;
    int64_t next;  // in counts_, of the same k-mer; −1: none
    double count;
  };

  int64_t kmers_in(const Dataset& dataset, const Example& example) const {
    return std::max<int64_t>(0, std::ssize(dataset.window(example)) - k_ + 1);
  }

  void count(Place kmer, int32_t label, int64_t times) {
    for (int64_t i = first_[kmer]; i >= 0; i = counts_[i].next) {
      if (counts_[i].label != label) continue;
      counts_[i].count += static_cast<double>(times);
      return;
    }
    counts_.push_back({label, first_[kmer], static_cast<double>(times)});
    first_[kmer] = std::ssize(counts_) - 1;
  }

  int64_t k_;
  std::vector<Place> begins_;   // of each sequence among all places
  std::vector<Place> kmer_;     // of each place: the first place of the same k-mer
  std::vector<int64_t> first_;  // of each k-mer, by that place: in counts_; −1: none
  std::vector<Count> counts_;
};

double share_right(const Dataset& dataset, const std::vector<int32_t>& asked,
                   const std::vector<int32_t>& answers) {
  int64_t right = 0;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    right += dataset.examples[asked[i]].label == answers[i];
  }
  return static_cast<double>(right) / static_cast<double>(asked.size());
}

/// The dataset under its distinct sets of labels.
Dataset with_sets_as_labels(Dataset dataset) {
  std::map<std::vector<int32_t>, int32_t> number;
  for (const std::vector<int32_t>& set : dataset.label_sets) {
    number.emplace(set, static_cast<int32_t>(number.size()));
  }
  for (Example& example : dataset.examples) {
    example.label = number.at(dataset.label_sets[example.sequence]);
  }
  dataset.labels.assign(number.size(), "");
  dataset.label_sets.clear();
  return dataset;
}

}  // namespace

std::vector<int32_t> vote_of_kmers(const Dataset& dataset, const std::vector<int32_t>& seen,
                                   const std::vector<int32_t>& asked, int64_t k) {
  KmerTable table(dataset, k);
  table.add(dataset, seen);
  const int32_t otherwise = commonest_label(dataset, seen);
  Sums sums(dataset.labels.size());
  std::vector<int32_t> answers;
  for (const int32_t i : asked) {
    table.vote(dataset, dataset.examples[i], sums);
    answers.push_back(sums.take_best(otherwise));
  }
  return answers;
}

std::vector<int32_t> look_up(const Dataset& dataset, const std::vector<int32_t>& seen,
                             const std::vector<int32_t>& asked) {
  std::unordered_map<std::string_view, std::vector<int32_t>> copies;  // letters: labels seen
  for (const int32_t i : seen) {
    copies[dataset.window(dataset.examples[i])].push_back(dataset.examples[i].label);
  }
  const std::vector<int64_t> sizes = class_sizes(dataset, seen);
  const int32_t otherwise = commonest_label(dataset, seen);
  Sums sums(dataset.labels.size());
  std::vector<int32_t> answers;
  for (const int32_t i : asked) {
    const auto known = copies.find(dataset.window(dataset.examples[i]));
    if (known != copies.end()) {
      for (const int32_t label : known->second) {
        sums.add(label, 1 / static_cast<double>(sizes[label]));
      }
    }
    answers.push_back(sums.take_best(otherwise));
  }
  return answers;
}

std::optional<MemoryBaseline> memory_baseline(const Dataset& dataset,
                                              const std::vector<int32_t>& seen,
                                              const std::vector<int32_t>& asked,
                                              const MemoryOptions& options) {
  if (seen.empty() || asked.empty()) return {};
  if (!dataset.label_sets.empty()) {
    return memory_baseline(with_sets_as_labels(dataset), seen, asked, options);
  }
  MemoryBaseline memory;
  memory.k = std::min(options.k, dataset.length);
  memory.vote = share_right(dataset, asked, vote_of_kmers(dataset, seen, asked, memory.k));
  if (options.whole_sequences) {
    memory.look_up = share_right(dataset, asked, look_up(dataset, seen, asked));
  }
  return memory;
}

std::string describe(const MemoryBaseline& memory) {
  const std::string vote = fmt::format("{:.4f} by a vote of {}-mers", memory.vote, memory.k);
  return memory.look_up ? fmt::format("{:.4f} by look-up, {}", *memory.look_up, vote) : vote;
}

}  // namespace stroma
