// Sums in a fixed order: of the gates' gradients for a bias, of all gradients for clipping.
#include "kernels/reduce.h"

#include <fmt/format.h>

#include "bench/gpu/case.h"
#include "bench/gpu/dna_model.h"

namespace stroma::bench {
namespace {

std::vector<Case> cases(int64_t batch) {
  const int64_t rows = dna_model::positions * batch, columns = 4 * dna_model::hidden;
  Case column_sums("add_column_sums", fmt::format("[{}, {}]", rows, columns));
  {
    const auto matrix = column_sums.input(rows * columns), sums = column_sums.updated(columns);
    column_sums.flops(rows * columns);
    column_sums.terms(rows);
    column_sums.run([=](const auto& context, const auto& at) {
      kernels::add_column_sums(context, at(matrix), rows, columns, columns, at(sums));
    });
  }
  const int64_t count = dna_model::parameters;
  Case squares("sum_of_squares", fmt::format("{} parameters", count));
  {
    const auto data = squares.input(count);
    const auto sum = squares.output<float>(1);
    squares.flops(2 * count);
    squares.terms(count);
    squares.run([=](const auto& context, const auto& at) {
      kernels::sum_of_squares(context, at(data), count, at(sum));
    });
  }
  return {column_sums, squares};
}

const Operation operation(cases);

}  // namespace
}  // namespace stroma::bench
