#include "datasets/split.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "datasets/group_split.h"
#include "engine/random.h"
#include "kernels/error.h"

namespace stroma {
namespace {

using Indices = std::vector<int32_t>;

int64_t part_size(int64_t count, double fraction) {
  return static_cast<int64_t>(std::ceil(static_cast<double>(count) * fraction));
}

Indices choose(const Indices& from, const Indices& places) {
  Indices chosen(places.size());
  std::transform(places.begin(), places.end(), chosen.begin(), [&](auto i) { return from[i]; });
  return chosen;
}

// The examples in random order.
Indices shuffle(const Indices& examples, uint64_t seed, uint32_t step) {
  return choose(examples, shuffled_indices(std::ssize(examples), seed, RandomStream::split, step));
}

// The examples in random order within a class, one class after the other: every part that is taken
// at even distances from this list has its share of each class, one more or less.
Indices shuffle_within_classes(const Dataset& dataset, const Indices& examples, uint64_t seed,
                               uint32_t step) {
  Indices order = shuffle(examples, seed, step);
  std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
    return dataset.examples[a].label < dataset.examples[b].label;
  });
  return order;
}

// Moves `size` elements out of `order`, from the middles of as many equal stretches, and returns
// them.
Indices take_evenly(Indices& order, int64_t size) {
  const int64_t count = std::ssize(order);
  Indices taken, left;
  for (int64_t i = 0; i < count; ++i) {
    const auto middles_before = [&](int64_t place) {
      return (2 * place * size + count) / (2 * count);
    };
    const bool take = middles_before(i + 1) > middles_before(i);
    (take ? taken : left).push_back(order[i]);
  }
  order = std::move(left);
  return taken;
}

std::vector<int64_t> class_sizes(const Dataset& dataset, const Indices& examples) {
  std::vector<int64_t> sizes(dataset.labels.size());
  for (const int32_t i : examples) ++sizes[dataset.examples[i].label];
  return sizes;
}

// Each class needs an example in the part that was taken and one in the part that is left.
void check_classes(const Dataset& dataset, const Indices& examples, const Indices& taken,
                   double fraction, const char* part) {
  const std::vector<int64_t> sizes = class_sizes(dataset, examples);
  const std::vector<int64_t> in_part = class_sizes(dataset, taken);
  for (size_t label = 0; label < sizes.size(); ++label) {
    if (in_part[label] > 0 && in_part[label] < sizes[label]) continue;
    const double scarce = std::min(fraction, 1 - fraction);
    throw Error(fmt::format(
        "class '{}' has {} example{}, too few for a stratified {} part of {:g} %, which needs {}; "
        "add examples, remove the class, change --{}-fraction, or use --split random",
        dataset.labels[label], sizes[label], sizes[label] == 1 ? "" : "s", part, 100 * fraction,
        std::max<int64_t>(2, std::llround(std::ceil(1 / scarce))), part));
  }
}

Indices take_stratified(const Dataset& dataset, Indices& examples, double fraction,
                        const SplitOptions& options, uint32_t step, const char* part) {
  if (fraction == 0) return {};
  Indices order = shuffle_within_classes(dataset, examples, options.seed, step);
  Indices taken = take_evenly(order, part_size(std::ssize(order), fraction));
  check_classes(dataset, examples, taken, fraction, part);
  examples = std::move(order);
  return taken;
}

Indices take_random(Indices& order, double fraction) {
  const int64_t size = std::min(part_size(std::ssize(order), fraction), std::ssize(order));
  Indices taken(order.begin(), order.begin() + size);
  order.erase(order.begin(), order.begin() + size);
  return taken;
}

Indices take_fold(const Dataset& dataset, Indices& examples, const SplitOptions& options) {
  const std::vector<int64_t> sizes = class_sizes(dataset, examples);
  for (size_t label = 0; label < sizes.size(); ++label) {
    if (sizes[label] >= options.folds) continue;
    throw Error(fmt::format(
        "class '{}' has {} example{}, too few for {} folds, which need as many; add examples, "
        "remove the class, use fewer --folds, or use --split random",
        dataset.labels[label], sizes[label], sizes[label] == 1 ? "" : "s", options.folds));
  }
  const Indices order = shuffle_within_classes(dataset, examples, options.seed, 0);
  Indices fold;
  examples.clear();
  for (int64_t i = 0; i < std::ssize(order); ++i) {
    (i % options.folds == options.fold ? fold : examples).push_back(order[i]);
  }
  return fold;
}

void check_options(const Dataset& dataset, const SplitOptions& options) {
  for (const double fraction : {options.test_fraction, options.validation_fraction}) {
    if (!(fraction >= 0 && fraction < 1)) {
      throw Error(
          fmt::format("a part of a split cannot be {:g} of the examples; it must be at "
                      "least 0 and less than 1",
                      fraction));
    }
  }
  if (options.method == SplitMethod::kfold) {
    if (options.folds < 2) {
      throw Error(fmt::format("{} folds are too few; give at least 2", options.folds));
    }
    if (options.fold < 0 || options.fold >= options.folds) {
      throw Error(fmt::format("there is no fold {}; folds are numbered 0 to {}", options.fold,
                              options.folds - 1));
    }
  }
  if (dataset.examples.empty()) throw Error("there is no example to learn from");
  if (dataset.labels.size() == 1 && dataset.label_sets.empty()) {
    throw Error(fmt::format("all examples have the label '{}'; a model needs at least two classes",
                            dataset.labels.front()));
  }
}

}  // namespace

namespace {

/// Moves the examples of sequences that were given for `part` out of `examples`.
Indices take_given(const Dataset& dataset, Indices& examples, GivenFor part) {
  Indices taken, left;
  for (const int32_t i : examples) {
    const bool take = dataset.sequences[dataset.examples[i].sequence].given_for == part;
    (take ? taken : left).push_back(i);
  }
  examples = std::move(left);
  return taken;
}

/// Moves the test part out of `examples`. Random numbers of step 0 divide it off.
Indices take_test(const Dataset& dataset, Indices& examples, const SplitOptions& options) {
  const bool grouped = has_groups(dataset);
  switch (options.method) {
    case SplitMethod::random:
    case SplitMethod::stratified:
      if (grouped) {
        return take_groups(dataset, examples, options.test_fraction,
                           options.method == SplitMethod::stratified, options.seed, 0, "test");
      }
      if (options.method == SplitMethod::random)
        return take_random(examples, options.test_fraction);
      return take_stratified(dataset, examples, options.test_fraction, options, 0, "test");
    case SplitMethod::kfold:
      return grouped ? take_group_fold(dataset, examples, options.folds, options.fold, options.seed)
                     : take_fold(dataset, examples, options);
    case SplitMethod::leave_one_group_out:
      if (!grouped)
        throw Error("--split leave-one-group-out needs --group, which says what one is");
      return take_one_group(dataset, examples, options.fold);
  }
  return {};
}

/// Likewise the validation part, by the random numbers of step 1 + fold.
Indices take_validation(const Dataset& dataset, Indices& examples, const SplitOptions& options) {
  const bool folds =
      options.method == SplitMethod::kfold || options.method == SplitMethod::leave_one_group_out;
  const uint32_t step = folds ? 1 + options.fold : 1;
  if (has_groups(dataset)) {
    return take_groups(dataset, examples, options.validation_fraction,
                       options.method != SplitMethod::random, options.seed, step, "validation");
  }
  if (options.method == SplitMethod::random) {
    return take_random(examples, options.validation_fraction);
  }
  return take_stratified(dataset, examples, options.validation_fraction, options, step,
                         "validation");
}

}  // namespace

Split split_examples(const Dataset& dataset, const SplitOptions& options) {
  check_options(dataset, options);
  Split split;
  split.train.resize(dataset.examples.size());
  for (size_t i = 0; i < split.train.size(); ++i) split.train[i] = static_cast<int32_t>(i);
  split.test = take_given(dataset, split.train, GivenFor::test);
  split.validation = take_given(dataset, split.train, GivenFor::validation);

  if (options.method == SplitMethod::random && !has_groups(dataset)) {
    split.train = shuffle(split.train, options.seed, 0);
  }
  if (split.test.empty()) split.test = take_test(dataset, split.train, options);
  if (split.validation.empty()) split.validation = take_validation(dataset, split.train, options);
  if (split.train.empty()) {
    throw Error(fmt::format(
        "{} examples leave none to train on after a test part of {} and a "
        "validation part of {}; add examples, or lower --test-fraction or --validation-fraction",
        dataset.examples.size(), split.test.size(), split.validation.size()));
  }
  for (Indices* part : {&split.train, &split.validation, &split.test}) {
    std::sort(part->begin(), part->end());
  }
  return split;
}

}  // namespace stroma
