#include "kernels/memory.h"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

#include "kernels/size_class.h"
#include "tests/devices.h"

namespace stroma::kernels {
namespace {

const std::vector<std::size_t> sizes = {0, 1, 255, 256, 257, 2047, 2048, 2049, 4999, 1 << 20};

TEST(Memory, BlocksAreAlignedAndDoNotOverlap) {
  test::on_each_device([]<class T>(const auto& context, T) {
    std::vector<void*> blocks;
    for (const std::size_t size : sizes) {
      blocks.push_back(allocate(context, size));
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(blocks.back()) % 256, 0U) << size;
    }
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      const std::vector<uint8_t> pattern(sizes[i], static_cast<uint8_t>(i + 1));
      copy_bytes(context, blocks[i], pattern.data(), sizes[i]);
    }
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      std::vector<uint8_t> found(sizes[i]);
      copy_bytes(context, found.data(), blocks[i], sizes[i]);
      EXPECT_EQ(found, std::vector<uint8_t>(sizes[i], static_cast<uint8_t>(i + 1)));
      release(context, blocks[i], sizes[i]);
    }
  });
}

TEST(Memory, AFreedBlockIsGivenOutAgain) {
  if (!reuse_blocks) GTEST_SKIP() << "under AddressSanitizer every block is a new one";
  test::on_each_device([]<class T>(const auto& context, T) {
    for (const std::size_t size : sizes) {
      void* block = allocate(context, size);
      release(context, block, size);
      EXPECT_EQ(allocate(context, size), block) << size;
      release(context, block, size);
    }
  });
}

TEST(Memory, ZeroesExactlyWhatItIsAskedTo) {
  test::on_each_device([]<class T>(const auto& context, T) {
    std::vector<uint8_t> bytes(1031);
    std::iota(bytes.begin(), bytes.end(), uint8_t{1});
    test::Array array(context, bytes);
    zero_bytes(context, array.data() + 3, 1001);
    std::fill(bytes.begin() + 3, bytes.begin() + 1004, uint8_t{0});
    EXPECT_EQ(array.host(), bytes);
  });
}

TEST(SizeClass, WastesAtMostAnEighth) {
  if (!reuse_blocks) GTEST_SKIP() << "under AddressSanitizer every block has its own size";
  for (std::size_t bytes = 2049; bytes < 3'000'000'000; bytes += bytes / 7 + 1) {
    EXPECT_GE(size_class(bytes), bytes);
    EXPECT_LE(size_class(bytes) - bytes, bytes / 8) << bytes;
    EXPECT_EQ(size_class(size_class(bytes)), size_class(bytes)) << bytes;
  }
}

}  // namespace
}  // namespace stroma::kernels
