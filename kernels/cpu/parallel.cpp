// The threads that share the CPU's work. Not OpenMP's: those spin for milliseconds while they wait
// for each other, and a region of theirs ends when every thread has come to its end. Where other
// programs want the same cores, that takes many times the share that is left. Here a region ends
// when its pieces are done, whether a thread was there or not.
#include "kernels/parallel.h"

#include <omp.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace stroma::kernels {
namespace {

using Clock = std::chrono::steady_clock;

// Longer than what lies between the regions of a training step, shorter by far than the time for
// which a busy system gives a core to somebody else.
constexpr std::chrono::microseconds spin_time{100};
constexpr int looks_a_clock_reading = 32;

/// Of all teams, their callers included: where they are more than the cores, waiting for each other
/// by spinning takes the core from those who are waited for.
std::atomic<int> all_threads{0};

bool may_spin() {
  static const int cores = omp_get_num_procs();
  return all_threads.load(std::memory_order_relaxed) <= cores;
}

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// The first value of `word` for which done(value).
template <class Done>
uint32_t await(const std::atomic<uint32_t>& word, const Done& done) {
  uint32_t value = word.load();
  if (done(value)) return value;
  if (may_spin()) {
    const Clock::time_point end = Clock::now() + spin_time;
    do {
      for (int look = 0; look < looks_a_clock_reading; ++look) {
        pause();
        value = word.load();
        if (done(value)) return value;
      }
    } while (Clock::now() < end);
  }
  for (; !done(value); value = word.load()) word.wait(value);
  return value;
}

thread_local bool in_piece = false;

/// The pieces [next, end) that nobody has begun.
struct alignas(64) Run {  // a cache line
  std::atomic<int64_t> next;
  int64_t end;
};

/// A thread that calls share_pieces, and those that help it.
class Team {
 public:
  Team() { ++all_threads; }
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  ~Team() {
    state_ |= is_over;
    state_.notify_all();
    for (std::thread& helper : helpers_) helper.join();
    all_threads -= 1 + static_cast<int>(helpers_.size());
  }

  void share(int64_t threads, int64_t pieces, void (*call)(const void*, int64_t),
             const void* work) {
    hire(threads - 1);
    threads_ = std::min<int64_t>(threads, 1 + std::ssize(helpers_));
    if (std::ssize(runs_) < threads_) runs_ = std::vector<Run>(threads_);
    for (int64_t i = 0; i < threads_; ++i) {
      runs_[i].next.store(pieces * i / threads_, std::memory_order_relaxed);
      runs_[i].end = pieces * (i + 1) / threads_;
    }
    call_ = call;
    work_ = work;
    error_ = nullptr;
    all_left_ = 0;
    open();
    in_piece = true;
    take_pieces(0);
    in_piece = false;
    if ((state_.fetch_and(~is_open) & inside) != 0) {
      await(all_left_, [](uint32_t left) { return left != 0; });
    }
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
  }

 private:
  // The state: how many helpers are inside, whether more may enter, whether there are no more
  // rounds, and the number of the round, which comes round: a helper that was kept from its core
  // all that time misses a round then. What belongs to a round changes only while nobody is inside
  // and nobody may enter.
  static constexpr uint32_t inside = 0xffff, is_open = 0x10000, is_over = 0x20000, round = 0x40000;

  void open() {
    state_ = ((state_ & ~is_open) + round) | is_open;
    state_.notify_all();
  }

  void hire(int64_t helpers) {
    try {
      while (std::ssize(helpers_) < helpers) {
        const auto number = std::ssize(helpers_) + 1;
        helpers_.emplace_back([this, number] { help(number); });
        ++all_threads;
      }
    } catch (const std::system_error&) {
      // The system gives no more threads: those there are do the work.
    }
  }

  void help(int64_t number) {
    in_piece = true;
    uint32_t seen = 0;
    const auto is_news = [&](uint32_t state) {
      return (state & is_open) != 0 && state / round != seen;
    };
    while (true) {
      uint32_t state =
          await(state_, [&](uint32_t now) { return (now & is_over) != 0 || is_news(now); });
      if ((state & is_over) != 0) return;
      while (is_news(state) && !state_.compare_exchange_weak(state, state + 1)) {
      }
      if (!is_news(state)) continue;  // over before we came
      seen = state / round;
      take_pieces(number);
      if ((state_.fetch_sub(1) & (inside | is_open)) == 1) {
        all_left_ = 1;
        all_left_.notify_one();
      }
    }
  }

  void take_pieces(int64_t number) {
    if (number >= threads_) return;
    for (int64_t i = 0; i < threads_; ++i) {
      Run& run = runs_[(number + i) % threads_];
      while (run.next.load(std::memory_order_relaxed) < run.end) {
        const int64_t piece = run.next.fetch_add(1, std::memory_order_relaxed);
        if (piece < run.end) do_piece(piece);
      }
    }
  }

  void do_piece(int64_t piece) {
    try {
      call_(work_, piece);
    } catch (...) {
      const std::lock_guard lock(error_mutex_);
      if (!error_) error_ = std::current_exception();
    }
  }

  alignas(64) std::atomic<uint32_t> state_{0};
  alignas(64) std::atomic<uint32_t> all_left_{0};  // after closing, the last one inside has gone
  std::vector<std::thread> helpers_;

  // Of the round:
  int64_t threads_ = 0;
  std::vector<Run> runs_;  // [threads_]
  void (*call_)(const void*, int64_t) = nullptr;
  const void* work_ = nullptr;
  std::mutex error_mutex_;
  std::exception_ptr error_;
};

}  // namespace

void share_pieces(int64_t pieces, void (*call)(const void* work, int64_t piece), const void* work) {
  const int64_t threads = in_piece ? 1 : std::min<int64_t>(pieces, omp_get_max_threads());
  if (threads <= 1) {
    for (int64_t piece = 0; piece < pieces; ++piece) call(work, piece);
    return;
  }
  thread_local Team team;
  team.share(threads, pieces, call, work);
}

}  // namespace stroma::kernels
