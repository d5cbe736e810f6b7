// Features in messages: their names, and notes on those that are left out.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/record.h"
#include "kernels/error.h"

namespace stroma {

/// /gene, else /locus_tag, /protein_id, /product or /label, whichever first is more than blanks,
/// with
/// '-' for white space inside it; "" where there is none. Throws Error for what cannot be a name
/// (datasets/name_check.h).
std::string feature_name(const Record& record, const Feature& feature);

/// Throws Error: the genome has no `wanted`; `remedy` says what to do where it has other features.
[[noreturn]] void fail_without_feature(std::span<const Record> genome, std::string_view wanted,
                                       std::string_view remedy);

/// The first of the features that were left out for one reason.
struct FirstLeftOut {
  std::string name;  // "" where it has none
  int64_t line = 0;

  /// Of `count` that were left out for the reason, of `all` features: ", the first 'psbA' in line
  /// 12". Where there is but one feature, the message begins with its line: ", 'psbA'".
  std::string clause(int64_t count, int64_t all) const;
};

/// How many features were left out, and why: "without a name".
struct LeftOut {
  int64_t count;
  std::string reason;
  int64_t line = 0;  // of the first, where it is known
};

/// Throws Error: of `count` features, each a `what`, none is left, for those reasons that hold for
/// any.
[[noreturn]] void fail_with_none(std::span<const Record> genome, int64_t count,
                                 std::string_view what, const std::vector<LeftOut>& left_out);

/// Sentences on single features of a genome. Of many of one kind the first few tell enough.
class FeatureNotes {
 public:
  /// "genome.gb:12: the gene 'psbA' WHAT."
  void add(const Record& record, const Feature& feature, const std::string& what);

  int64_t count() const { return count_; }

  /// Moves the sentences to the end of `notes`, or a few of many and their number with `what`, such
  /// as "features were left out".
  void move_to(std::vector<std::string>& notes, std::string_view what);

 private:
  int64_t count_ = 0;
  std::string file_;
  std::vector<std::string> sentences_;
};

/// Takes note of features that cannot be read.
class UnreadableFeatures {
 public:
  explicit UnreadableFeatures(bool strict) : strict_(strict) {}

  /// The result of `read`; nothing, and a note, where that throws Error. With strict the Error goes
  /// on.
  template <class Read>
  auto attempt(const Record& record, const Feature& feature, Read read)
      -> std::optional<decltype(read())> {
    try {
      return read();
    } catch (const Error& error) {
      if (strict_) throw;
      add(record, feature, error.what());
      return std::nullopt;
    }
  }

  int64_t count() const { return notes_.count(); }

  /// For fail_with_none: "with an error" and the first of them, of `all` features.
  std::string reason(int64_t all) const {
    return "with an error" + first_.clause(count(), all) + ": " + problem_;
  }

  int64_t first_line() const { return first_.line; }

  void move_to(std::vector<std::string>& notes);

 private:
  void add(const Record& record, const Feature& feature, std::string_view problem);

  bool strict_;
  FeatureNotes notes_;
  FirstLeftOut first_;
  std::string problem_;  // of the first
};

}  // namespace stroma
