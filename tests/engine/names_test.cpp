#include "engine/names.h"

#include <gtest/gtest.h>

namespace stroma {

enum class Fruit { apple, pear, plum };
template <>
struct NamesOf<Fruit> {
  static constexpr const char* kind = "fruit";
  static constexpr const char* all[] = {"apple", "pear", "plum"};
};

namespace {

TEST(Names, OfEachValueLeadBackToIt) {
  EXPECT_EQ(names_of<Fruit>(), (std::vector<std::string>{"apple", "pear", "plum"}));
  EXPECT_EQ(to_string(Fruit::pear), "pear");
  for (const std::string& name : names_of<Fruit>()) EXPECT_EQ(to_string(named<Fruit>(name)), name);
}

TEST(Names, OneThatIsNoneIsRefusedWithThoseThatAre) {
  for (const char* wrong : {"", "Apple", "pear ", "melon"}) {
    try {
      named<Fruit>(wrong);
      ADD_FAILURE() << wrong;
    } catch (const Error& error) {
      EXPECT_EQ(error.what(),
                "\"" + std::string(wrong) + "\" is no fruit; there are apple, pear and plum");
    }
  }
}

}  // namespace
}  // namespace stroma
