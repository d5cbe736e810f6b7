// Where a feature lies: the location grammar of the INSDC feature table
// (https://www.insdc.org/submitting-standards/feature-table/, section 3.4).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace stroma {

/// A stretch of one strand. Empty (begin == end) for a site between two bases.
struct Span {
  int64_t begin = 0;  // first base, from 0, on the written strand
  int64_t end = 0;    // one past the last
  bool complement = false;
  std::string remote;  // accession of another record that it lies in; "" for this one

  bool operator==(const Span&) const = default;
};

/// The stretches of a feature in biological order, the first base of its product first:
/// complement(join(1..10,20..30)) is 30…20, then 10…1. order() counts as join().
struct Location {
  std::vector<Span> spans;

  bool is_remote() const;  // true where any part lies in another record
};

/// The record that a location refers to.
struct LocationContext {
  int64_t length = 0;  // of the record, bases
  bool circular = false;
  std::string where;  // "file:line", for messages
};

/// Reads a location: n, a..b, a.b, a^b, (a.b)..c, <a..>b, ACCESSION:a..b, complement(), join() and
/// order(), nested in any way. Uncertain ends count as the widest range that they allow. On a
/// circular record a..b with a > b runs over the origin and becomes two spans. Throws Error where
/// the text is no location or a part of it lies outside the record.
Location parse_location(std::string_view text, const LocationContext& context);

/// The letters of all spans in order, complemented where they say so. No part may be remote.
std::string letters_at(const Location& location, std::string_view record);

}  // namespace stroma
