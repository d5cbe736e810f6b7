// The arithmetic on whole arrays: gradients zeroed and clipped, biases, sums of gradients.
#include "kernels/elementwise.h"

#include <fmt/format.h>

#include "bench/gpu/case.h"
#include "bench/gpu/dna_model.h"

namespace stroma::bench {
namespace {

std::vector<Case> cases(int64_t batch) {
  const int64_t columns = dna_model::fc1_features;
  const int64_t count = dna_model::positions * batch * 2 * dna_model::hidden;
  const std::string sequence =
      fmt::format("[{}, {}, {}]", dna_model::positions, batch, 2 * dna_model::hidden);

  Case fill("fill", sequence);
  {
    const auto data = fill.output<float>(count);
    fill.run([=](const auto& context, const auto& at) {
      kernels::fill(context, at(data), count, 0.5f);
    });
  }
  Case repeat_row("repeat_row", fmt::format("[{}, {}]", batch, columns));
  {
    const auto row = repeat_row.input(columns);
    const auto matrix = repeat_row.output<float>(batch * columns);
    repeat_row.run([=](const auto& context, const auto& at) {
      kernels::repeat_row(context, at(row), batch, columns, at(matrix));
    });
  }
  Case add_to("add_to", sequence);
  {
    const auto target = add_to.updated(count), source = add_to.input(count);
    add_to.flops(count);
    add_to.run([=](const auto& context, const auto& at) {
      kernels::add_to(context, at(target), at(source), count);
    });
  }
  Case add("add", sequence);
  {
    const auto left = add.input(count), right = add.input(count);
    const auto output = add.output<float>(count);
    add.flops(count);
    add.run([=](const auto& context, const auto& at) {
      kernels::add(context, at(left), at(right), at(output), count);
    });
  }
  Case scale("scale", sequence);
  {
    const auto data = scale.updated(count), factor = scale.input(1);
    scale.flops(count);
    scale.run([=](const auto& context, const auto& at) {
      kernels::scale(context, at(data), count, at(factor));
    });
  }
  return {fill, repeat_row, add_to, add, scale};
}

const Operation operation(cases);

}  // namespace
}  // namespace stroma::bench
