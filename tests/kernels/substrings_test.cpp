#include "kernels/substrings.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

namespace stroma::kernels {
namespace {

TEST(FirstEqualSubstrings, AreTheFirstOfEachText) {
  std::mt19937 random(1);
  for (int trial = 0; trial < 300; ++trial) {
    const int64_t length = 1 + static_cast<int64_t>(random() % 12);
    std::vector<std::string> texts(random() % 4);
    for (std::string& text : texts) {
      text.resize(random() % 80);
      for (char& letter : text) letter = "AC\0\xff"[random() % 4];
    }

    std::map<std::string, Place> first;
    std::vector<Place> expected;
    for (const std::string& text : texts) {
      for (int64_t i = 0; i < std::ssize(text); ++i) {
        const auto place = static_cast<Place>(expected.size());
        const bool whole = i + length <= std::ssize(text);
        expected.push_back(whole ? first.try_emplace(text.substr(i, length), place).first->second
                                 : -1);
      }
    }
    EXPECT_EQ(first_equal_substrings(Cpu{}, {texts.begin(), texts.end()}, length), expected);
  }
}

}  // namespace
}  // namespace stroma::kernels
