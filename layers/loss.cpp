#include "layers/loss.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/names.h"
#include "kernels/error.h"
#include "layers/add.h"
#include "layers/group_mean.h"

namespace stroma {

#include "layers/losses.inc"

const std::vector<Loss>& losses() {
  static const std::vector<Loss> sorted = [] {
    std::vector<Loss> all = all_losses();
    std::sort(all.begin(), all.end(), [](const Loss& a, const Loss& b) { return a.name < b.name; });
    return all;
  }();
  return sorted;
}

std::vector<std::string> names_of_losses() {
  std::vector<std::string> names;
  for (const Loss& loss : losses()) names.push_back(loss.name);
  return names;
}

const Loss& loss_named(const std::string& name) {
  for (const Loss& loss : losses()) {
    if (loss.name == name) return loss;
  }
  throw Error(
      fmt::format("\"{}\" is no loss; there are {}", name, listed(names_of_losses(), "and")));
}

int64_t outputs_of(const Loss& loss, int64_t classes) {
  if (!loss.one_logit) return classes;
  if (classes != 2) {
    throw Error(
        fmt::format("the loss {} is for two classes, and the data has {}; take cross_entropy",
                    loss.name, classes));
  }
  return 1;
}

Variable loss_with_groups(const Loss& loss, const Variable& logits, LossBatch batch,
                          const Tensor& groups, double share) {
  if (share == 0) return loss.of(logits, batch);
  const GroupMeans means = group_means(logits, groups, batch.options.example_weights);
  batch.options.share = 1 - share;
  const Variable of_examples = loss.of(logits, batch);
  batch.options.share = share;
  batch.options.example_weights = means.weights;
  batch.statistics = {};
  return add({of_examples, loss.of(means.means, batch)});
}

}  // namespace stroma
