#include "datasets/group_split.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "engine/names.h"
#include "engine/random.h"
#include "kernels/error.h"

namespace stroma {
namespace {

using Indices = std::vector<int32_t>;

struct Group {
  std::string name;
  Indices examples;
  std::vector<double> of_class;  // examples
};

const std::string& group_of(const Dataset& dataset, int32_t example) {
  return dataset.sequences[dataset.examples[example].sequence].group;
}

/// Sorted by name.
std::vector<Group> collect(const Dataset& dataset, const Indices& examples) {
  std::map<std::string, Group> by_name;
  for (const int32_t i : examples) {
    Group& group = by_name[group_of(dataset, i)];
    group.of_class.resize(dataset.labels.size());
    group.examples.push_back(i);
    ++group.of_class[dataset.examples[i].label];
  }
  std::vector<Group> groups;
  for (auto& [name, group] : by_name) {
    group.name = name;
    groups.push_back(std::move(group));
  }
  return groups;
}

std::vector<Group> shuffled(std::vector<Group> groups, uint64_t seed, uint32_t step) {
  std::vector<Group> order;
  for (const int32_t i : shuffled_indices(std::ssize(groups), seed, RandomStream::split, step)) {
    order.push_back(std::move(groups[i]));
  }
  return order;
}

/// Puts the groups where `goes` says into the part that is returned, the others into `examples`.
template <class F>
Indices move_out(const std::vector<Group>& groups, Indices& examples, const F& goes) {
  Indices part;
  examples.clear();
  for (std::size_t g = 0; g < groups.size(); ++g) {
    Indices& to = goes(g) ? part : examples;
    to.insert(to.end(), groups[g].examples.begin(), groups[g].examples.end());
  }
  return part;
}

/// How far a part is from what it shall hold: of each class, or of all together.
class Distance {
 public:
  Distance(const std::vector<Group>& groups, double fraction, bool by_class)
      : missing_(by_class ? groups.front().of_class.size() : 1), by_class_(by_class) {
    for (const Group& group : groups) add(group, -fraction);
  }

  double with(const Group& group) const {
    Distance then = *this;
    then.add(group, 1);
    return then.now();
  }
  double now() const {
    double sum = 0;
    for (const double count : missing_) sum += count * count;
    return sum;
  }
  void add(const Group& group, double share) {
    for (std::size_t c = 0; c < group.of_class.size(); ++c) {
      missing_[by_class_ ? c : 0] += share * group.of_class[c];
    }
  }

 private:
  std::vector<double> missing_;  // negative: examples that the part has not got yet
  bool by_class_;
};

}  // namespace

bool has_groups(const Dataset& dataset) {
  return std::any_of(dataset.sequences.begin(), dataset.sequences.end(),
                     [](const Sequence& sequence) { return !sequence.group.empty(); });
}

std::vector<std::string> groups_of(const Dataset& dataset, const Indices& examples) {
  std::vector<std::string> names;
  for (const Group& group : collect(dataset, examples)) names.push_back(group.name);
  return names;
}

Indices take_groups(const Dataset& dataset, Indices& examples, double fraction, bool by_class,
                    uint64_t seed, uint32_t step, const char* part) {
  if (fraction == 0) return {};
  const std::vector<Group> groups = shuffled(collect(dataset, examples), seed, step);
  if (groups.size() < 2) {
    throw Error(
        fmt::format("of one group, '{}', no {} part can be split off; give more groups, or "
                    "--{}-fraction 0",
                    groups.empty() ? "" : groups.front().name, part, part));
  }
  Distance distance(groups, fraction, by_class);
  std::vector<bool> taken(groups.size());
  for (std::size_t g = 0; g < groups.size(); ++g) {
    taken[g] = g == 0 || distance.with(groups[g]) < distance.now();
    if (taken[g]) distance.add(groups[g], 1);
  }
  return move_out(groups, examples, [&](std::size_t g) { return taken[g]; });
}

Indices take_group_fold(const Dataset& dataset, Indices& examples, int folds, int fold,
                        uint64_t seed) {
  std::vector<Group> groups = shuffled(collect(dataset, examples), seed, 0);
  if (std::ssize(groups) < folds) {
    throw Error(
        fmt::format("{} folds need as many groups, but there {} {}; use fewer --folds, or "
                    "--split leave-one-group-out",
                    folds, groups.size() == 1 ? "is" : "are", groups.size()));
  }
  std::stable_sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) {
    return a.examples.size() > b.examples.size();
  });
  std::vector<double> of_class(dataset.labels.size());
  for (const Group& group : groups) {
    for (std::size_t c = 0; c < of_class.size(); ++c) of_class[c] += group.of_class[c];
  }
  struct Fold {
    std::vector<double> of_class;
    int64_t size = 0;
  };
  std::vector<Fold> filled(folds, {std::vector<double>(of_class.size())});
  std::vector<int> fold_of;
  for (const Group& group : groups) {
    const auto crowding = [&](const Fold& of) {
      double shared = 0;
      for (std::size_t c = 0; c < of_class.size(); ++c) {
        if (of_class[c] > 0) shared += of.of_class[c] * group.of_class[c] / of_class[c];
      }
      return std::pair(shared, of.size);
    };
    const auto best =
        std::min_element(filled.begin(), filled.end(),
                         [&](const Fold& a, const Fold& b) { return crowding(a) < crowding(b); });
    for (std::size_t c = 0; c < of_class.size(); ++c) best->of_class[c] += group.of_class[c];
    best->size += std::ssize(group.examples);
    fold_of.push_back(static_cast<int>(best - filled.begin()));
  }
  return move_out(groups, examples, [&](std::size_t g) { return fold_of[g] == fold; });
}

Indices take_one_group(const Dataset& dataset, Indices& examples, int fold) {
  const std::vector<Group> groups = collect(dataset, examples);
  if (fold >= std::ssize(groups)) {
    throw Error(fmt::format("there is no group {}: {}; --fold goes from 1 to {}", fold + 1,
                            listed(groups_of(dataset, examples), "and"), groups.size()));
  }
  return move_out(groups, examples,
                  [&](std::size_t g) { return g == static_cast<std::size_t>(fold); });
}

}  // namespace stroma
