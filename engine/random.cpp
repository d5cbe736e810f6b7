#include "engine/random.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "kernels/error.h"
#include "kernels/philox.h"

namespace stroma {

std::vector<int32_t> shuffled_indices(int64_t count, uint64_t seed, RandomStream stream,
                                      uint32_t step) {
  if (count < 0 || count > std::numeric_limits<int32_t>::max()) {
    throw Error("there are too many examples to number them with 32 bits");
  }
  std::vector<std::pair<uint64_t, int32_t>> keyed(count);
  for (int64_t i = 0; i < count; ++i) {
    const PhiloxWords words = random_block(seed, static_cast<uint32_t>(stream), step, i);
    keyed[i] = {uint64_t{words.word[1]} << 32 | words.word[0], static_cast<int32_t>(i)};
  }
  std::sort(keyed.begin(), keyed.end());
  std::vector<int32_t> order(count);
  std::transform(keyed.begin(), keyed.end(), order.begin(), [](auto& pair) { return pair.second; });
  return order;
}

}  // namespace stroma
