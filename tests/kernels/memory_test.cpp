#include "kernels/memory.h"

#include <algorithm>
#include <cstdint>
#include <future>
#include <numeric>
#include <thread>
#include <vector>

#include "kernels/elementwise.h"
#include "kernels/graph.h"
#include "kernels/size_class.h"
#include "tests/devices.h"
#if STROMA_EMULATED
#include "tests/emulator/memory_left.h"
#endif

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

#if STROMA_EMULATED
TEST(Memory, ARecordingTakesWhatTheWorkTookBefore) {
  if (!reuse_blocks) GTEST_SKIP() << "under AddressSanitizer every block is a new one";
  const Cuda cuda = cuda_context(0);
  const auto work = [&cuda] {
    Workspace<float, Cuda> scratch(cuda, 3 << 20);
    zero_bytes(cuda, scratch.data(), 3 << 20);
  };
  work();
  const test::MemoryLeft none(1 << 20);
  EXPECT_NO_THROW(record(cuda, work));
  EXPECT_NO_THROW(work()) << "the graph is gone, its memory is not";
}

TEST(Memory, RunningOutOfItLeavesARecordingAlone) {
  if (!reuse_blocks) GTEST_SKIP() << "under AddressSanitizer no block is kept for later";
  std::promise<void> recording, has_run_out;
  std::thread other([&] {
    const Cuda cuda = cuda_context(0);
    Workspace<float, Cuda> ones(cuda, 5);
    const auto replay = record(cuda, [&] {
      recording.set_value();
      has_run_out.get_future().wait();
      fill(cuda, ones.data(), 5, 1.0f);
    });
    replay();
    std::vector<float> found(5);
    copy_bytes(cuda, found.data(), ones.data(), 5 * sizeof(float));
    EXPECT_EQ(found, std::vector<float>(5, 1.0f));
  });
  recording.get_future().wait();
  const Cuda cuda = cuda_context(0);
  for (const int64_t megabytes : {5, 6}) {  // freed, and so kept for the next ones of their size
    const Workspace<uint8_t, Cuda> kept(cuda, megabytes << 20);
  }
  {
    const test::MemoryLeft little(1 << 20);
    EXPECT_NO_THROW((Workspace<uint8_t, Cuda>(cuda, 10 << 20))) << "kept blocks are given back";
  }
  has_run_out.set_value();
  other.join();
}
#endif

}  // namespace
}  // namespace stroma::kernels
