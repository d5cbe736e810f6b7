// --threads changes how long the program takes, and nothing else.
#include <gtest/gtest.h>

#include "tests/tools/small_run.h"

namespace stroma {
namespace {

class Threads : public SmallRun {
 protected:
  /// `stroma train` with a built-in model, whose layers are large enough to be shared.
  std::vector<std::string> train_large(const std::string& name, const std::string& threads,
                                       const std::vector<std::string>& more) const {
    std::vector<std::string> arguments = {"train",        data_,       "--model",
                                          "cnn-lstm-dna", "--out",     path(name),
                                          "--quiet",      "--threads", threads};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
};

TEST_F(Threads, DoNotChangeARunOrItsPredictions) {
  std::string first;
  for (const std::string threads : {"1", "2", "3", "5", "8"}) {
    const Result trained = run(train_large(threads, threads, {"--epochs", "3"}));
    ASSERT_EQ(trained.status, 0) << trained.err;
    expect_same_run("1", threads);
    const Result predicted = run({"predict", path("1"), data_, "--threads", threads});
    ASSERT_EQ(predicted.status, 0) << predicted.err;
    if (first.empty()) first = predicted.out;
    EXPECT_TRUE(predicted.out == first) << threads;
  }
}

TEST_F(Threads, MayBeOthersWhenARunIsResumed) {
  ASSERT_EQ(run(train_large("whole", "3", {"--epochs", "3"})).status, 0);
  ASSERT_EQ(run(train_large("parts", "1", {"--epochs", "1"})).status, 0);
  const Result resumed = run(train_large("parts", "2", {"--epochs", "3", "--resume"}));
  ASSERT_EQ(resumed.status, 0) << resumed.err;
  expect_same_run("whole", "parts");
}

}  // namespace
}  // namespace stroma
