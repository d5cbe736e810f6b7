// The first and the last kernel of a step: which examples it takes, and the counters it moves on.
#include "kernels/gather_batch.h"

#include <fmt/format.h>

#include "bench/gpu/case.h"
#include "bench/gpu/dna_model.h"

namespace stroma::bench {
namespace {

std::vector<Case> cases(int64_t batch) {
  const int64_t examples = dna_model::examples;
  Case gather("gather_batch", fmt::format("{} of {}", batch, examples));
  {
    const auto cursor = gather.integers<int64_t>(1, examples - batch);
    const auto order = gather.integers<int32_t>(examples, examples);
    const auto start = gather.integers<int64_t>(examples, dna_model::all_letters);
    const auto label = gather.integers<int32_t>(examples, dna_model::classes);
    gather.leave_out((examples - batch) * 16);
    const auto starts = gather.output<int64_t>(batch);
    const auto labels = gather.output<int32_t>(batch);
    gather.run([=](const auto& context, const auto& at) {
      kernels::gather_batch(context, {.batch = batch,
                                      .cursor = at(cursor),
                                      .order = at(order),
                                      .example_start = at(start),
                                      .example_label = at(label),
                                      .starts = at(starts),
                                      .labels = at(labels)});
    });
  }
  Case advance("advance", "1 element");
  {
    const auto loss = advance.input(1);
    const auto cursor = advance.updated_integers<int64_t>(1, examples);
    const auto step = advance.updated_integers<int64_t>(1, 1000);
    const auto bad_step = advance.output<int64_t>(1);
    advance.run([=](const auto& context, const auto& at) {
      kernels::advance(context, {.batch = batch,
                                 .loss = at(loss),
                                 .cursor = at(cursor),
                                 .step = at(step),
                                 .bad_step = at(bad_step)});
    });
  }
  return {gather, advance};
}

const Operation operation(cases);

}  // namespace
}  // namespace stroma::bench
