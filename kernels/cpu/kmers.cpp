// k-mers on the CPU. Counting: some tables where k-mers are few; else the k-mers go
// into buckets by their first letters, and each bucket is counted in the cache, by a table or by
// sorting. Sharing: all occurrences sorted, so that the sequences that have a k-mer stand in a row.
#include "kernels/kmers.h"

#include <omp.h>

#include <algorithm>
#include <bit>

#include "kernels/cpu/radix_sort.h"
#include "kernels/memory.h"
#include "kernels/parallel.h"

namespace stroma::kernels {
namespace {

constexpr int64_t chunk_letters = 1 << 18;
constexpr int64_t bucket_kmers = 1 << 15;  // fit the cache; fewer are not worth a second thread
constexpr int table_bits = 16;             // a table of 2^16 counts fits the second-level cache

/// Calls take(kmer, position of its first letter) for the k-mers that end in the codes
/// [begin, end), in order; with `canonical` for the smaller of each and its reverse complement.
template <bool canonical, class Take>
void for_each_kmer(const KmerText& text, int k, int64_t begin, int64_t end, const Take& take) {
  const int bits = kmer_letter_bits(text.alphabet_size), top = bits * (k - 1);
  const uint64_t mask = (uint64_t{1} << (bits * k)) - 1;
  uint64_t kmer = 0, reverse = 0;
  int run = 0;  // letters since the last code that is none
  for (int64_t p = std::max<int64_t>(0, begin - (k - 1)); p < end; ++p) {
    const uint64_t code = text.codes[p];
    if (code >= static_cast<uint64_t>(text.alphabet_size)) {
      run = 0;
      continue;
    }
    kmer = (kmer << bits | code) & mask;
    if (canonical) reverse = reverse >> 2 | (3 - code) << top;
    if (++run >= k && p >= begin) take(canonical ? std::min(kmer, reverse) : kmer, p - (k - 1));
  }
}

/// A table of all 2^(bits k) k-mers for each of as many parts of the text as there are threads.
template <bool canonical>
void count_in_tables(const CountKmers& c, int key_bits) {
  const int64_t size = int64_t{1} << key_bits;
  const int64_t chunks = (c.text.count + chunk_letters - 1) / chunk_letters;
  const int64_t parts = std::clamp<int64_t>(omp_get_max_threads(), 1, std::max<int64_t>(1, chunks));
  Workspace<int64_t, Cpu> memory(Cpu{}, parts * size);  // [parts, size]
  int64_t* tables = memory.data();
  in_pieces(parts, [&](int64_t part) {
    int64_t* table = tables + part * size;
    std::fill(table, table + size, 0);
    for_each_kmer<canonical>(c.text, c.k, c.text.count * part / parts,
                             c.text.count * (part + 1) / parts,
                             [&](uint64_t kmer, int64_t) { ++table[kmer]; });
  });
  int64_t distinct = 0;
  for (int64_t kmer = 0; kmer < size; ++kmer) {
    int64_t count = 0;
    for (int64_t part = 0; part < parts; ++part) count += tables[part * size + kmer];
    if (count == 0) continue;
    c.kmers[distinct] = kmer;
    c.counts[distinct++] = count;
  }
  *c.distinct = distinct;
}

/// Counts the k-mers of a bucket, `count` of them, which differ in their lowest `bits` bits only.
/// Puts the distinct ones at the beginning of `kmers`, ascending; returns how many they are.
int64_t count_bucket(uint64_t* kmers, int64_t* counts, int64_t count, int bits) {
  int64_t distinct = 0;
  if (count == 0) return 0;
  const int64_t size = int64_t{1} << std::min(bits, table_bits);
  if (bits <= table_bits && size <= 4 * count) {
    const uint64_t first = kmers[0] >> bits << bits;
    Workspace<int64_t, Cpu> memory(Cpu{}, size);
    int64_t* table = memory.data();
    std::fill(table, table + size, 0);
    for (int64_t i = 0; i < count; ++i) ++table[kmers[i] - first];
    for (int64_t i = 0; i < size; ++i) {
      if (table[i] == 0) continue;
      kmers[distinct] = first + i;
      counts[distinct++] = table[i];
    }
    return distinct;
  }
  Workspace<uint64_t, Cpu> scratch(Cpu{}, count);
  // As many bits as tell most k-mers apart are sorted by radix; what they leave together, by the
  // rest.
  const int low =
      std::max(0, bits - static_cast<int>(std::bit_width(static_cast<uint64_t>(count))) - 3);
  radix_sort(kmers, scratch.data(), count, low, bits);
  for (int64_t i = 0; low > 0 && i < count;) {
    const int64_t begin = i;
    while (i < count && kmers[i] >> low == kmers[begin] >> low) ++i;
    if (i - begin > 1) std::sort(kmers + begin, kmers + i);
  }
  for (int64_t i = 0; i < count;) {
    const int64_t run = i;
    while (i < count && kmers[i] == kmers[run]) ++i;
    kmers[distinct] = kmers[run];
    counts[distinct++] = i - run;
  }
  return distinct;
}

template <bool canonical>
void count_in_buckets(const CountKmers& c, int key_bits) {
  const int bits = bucket_bits(c.text.count, bucket_kmers, key_bits);
  const int64_t buckets = int64_t{1} << bits;
  Workspace<int64_t, Cpu> begins_memory(Cpu{}, buckets + 1), sizes_memory(Cpu{}, buckets);
  int64_t *begins = begins_memory.data(), *sizes = sizes_memory.data();
  const auto produce = [&](int64_t chunk, const auto& take) {
    for_each_kmer<canonical>(c.text, c.k, chunk * chunk_letters,
                             std::min(c.text.count, (chunk + 1) * chunk_letters),
                             [&](uint64_t kmer, int64_t) { take(kmer); });
  };
  // The array of results holds the buckets too: a bucket shrinks to its distinct k-mers in place.
  into_buckets((c.text.count + chunk_letters - 1) / chunk_letters, key_bits, bits, produce, c.kmers,
               begins);
  in_pieces(buckets, [&](int64_t bucket) {
    const int64_t begin = begins[bucket];
    sizes[bucket] = count_bucket(c.kmers + begin, c.counts + begin, begins[bucket + 1] - begin,
                                 key_bits - bits);
  });
  int64_t distinct = 0;
  for (int64_t bucket = 0; bucket < buckets; ++bucket) {
    const int64_t begin = begins[bucket];
    if (begin != distinct) {
      std::copy_n(c.kmers + begin, sizes[bucket], c.kmers + distinct);
      std::copy_n(c.counts + begin, sizes[bucket], c.counts + distinct);
    }
    distinct += sizes[bucket];
  }
  *c.distinct = distinct;
}

template <bool canonical>
void count(const CountKmers& c) {
  const int key_bits = c.k * kmer_letter_bits(c.text.alphabet_size);
  if (key_bits <= table_bits) return count_in_tables<canonical>(c, key_bits);
  count_in_buckets<canonical>(c, key_bits);
}

/// A k-mer at a place.
struct Occurrence {
  uint64_t kmer;
  uint32_t position;
};

uint64_t radix_key(const Occurrence& occurrence) { return occurrence.kmer; }

/// A sequence that has a k-mer, and how often.
struct Posting {
  int32_t sequence;
  uint32_t count;
};

/// What a row has to add for one of its k-mers: with the postings [begin, end), all of columns, it
/// shares min(count, theirs). Empty where nobody shares it, and where the row has had it before.
struct Columns {
  uint32_t begin, end, count;
};

/// The occurrences of one k, sorted and reduced to postings, in memory for all k in turn.
class PostingLists {
 public:
  explicit PostingLists(const SharedKmers& s)
      : s_(s),
        sequence_of_(Cpu{}, s.text.count),
        occurrences_(Cpu{}, s.text.count),
        postings_(Cpu{}, s.text.count),
        columns_(Cpu{}, s.text.count) {
    const int64_t share = std::max<int64_t>(1, s.sequences * bucket_kmers / (s.text.count + 1));
    in_chunks(s.sequences, share, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        std::fill(sequence_of_.data() + s.starts[i], sequence_of_.data() + s.starts[i + 1],
                  static_cast<int32_t>(i));
      }
    });
  }

  const Posting* postings() { return postings_.data(); }
  const Columns* columns() { return columns_.data(); }  // [text.count], by position

  void fill(int k) {
    const int key_bits = k * kmer_letter_bits(s_.text.alphabet_size);
    const int bits = bucket_bits(s_.text.count, bucket_kmers, key_bits);
    const int64_t buckets = int64_t{1} << bits;
    Workspace<int64_t, Cpu> begins_memory(Cpu{}, buckets + 1);
    int64_t* begins = begins_memory.data();
    const auto produce = [&](int64_t chunk, const auto& take) {
      for_each_kmer<false>(s_.text, k, chunk * chunk_letters,
                           std::min(s_.text.count, (chunk + 1) * chunk_letters),
                           [&](uint64_t kmer, int64_t position) {
                             take(Occurrence{kmer, static_cast<uint32_t>(position)});
                           });
    };
    into_buckets((s_.text.count + chunk_letters - 1) / chunk_letters, key_bits, bits, produce,
                 occurrences_.data(), begins);
    in_chunks(s_.text.count, chunk_letters, [&](int64_t begin, int64_t end) {
      std::fill(columns_.data() + begin, columns_.data() + end, Columns{});
    });
    in_pieces(buckets, [&](int64_t bucket) {
      const int64_t begin = begins[bucket], end = begins[bucket + 1];
      Workspace<Occurrence, Cpu> scratch(Cpu{}, end - begin);
      radix_sort(occurrences_.data() + begin, scratch.data(), end - begin, 0, key_bits - bits);
      for (int64_t i = begin; i < end;) i = add_kmer(i, end);
    });
  }

 private:
  /// The k-mer whose occurrences begin at i; returns where the next one's do.
  int64_t add_kmer(int64_t i, int64_t end) {
    Occurrence* occurrences = occurrences_.data();
    Posting* postings = postings_.data();
    const uint64_t kmer = occurrences[i].kmer;
    const int64_t first = i;
    int64_t last = i;  // postings are no more than occurrences: they have the same places
    int64_t first_column = -1;
    while (i < end && occurrences[i].kmer == kmer) {
      const int32_t sequence = sequence_of_.data()[occurrences[i].position];
      const int64_t run = i;
      while (i < end && occurrences[i].kmer == kmer &&
             sequence_of_.data()[occurrences[i].position] == sequence) {
        ++i;
      }
      if (sequence >= s_.first_column && first_column < 0) first_column = last;
      occurrences[last].position = occurrences[run].position;  // where the row meets the k-mer
      postings[last++] = {sequence, static_cast<uint32_t>(i - run)};
    }
    for (int64_t j = first; j < last - 1 && first_column >= 0 && postings[j].sequence < s_.rows;
         ++j) {
      columns_.data()[occurrences[j].position] = {
          static_cast<uint32_t>(std::max(j + 1, first_column)), static_cast<uint32_t>(last),
          postings[j].count};
    }
    return i;
  }

  const SharedKmers& s_;
  Workspace<int32_t, Cpu> sequence_of_;     // [text.count], by position
  Workspace<Occurrence, Cpu> occurrences_;  // [text.count]
  Workspace<Posting, Cpu> postings_;        // [text.count], with gaps
  Workspace<Columns, Cpu> columns_;         // [text.count]
};

}  // namespace

void count_kmers(const Cpu&, const CountKmers& c) {
  c.canonical ? count<true>(c) : count<false>(c);
}

void shared_kmers(const Cpu&, const SharedKmers& s) {
  const int64_t columns = s.sequences - s.first_column;
  std::fill(s.shared, s.shared + s.rows * columns, 0);
  PostingLists lists(s);
  for (int k = s.min_k; k <= s.max_k; ++k) {
    lists.fill(k);
    const Posting* postings = lists.postings();
    const int64_t grain = s.text.count > bucket_kmers ? 4 : s.rows;
    in_chunks(s.rows, grain, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        int64_t* shared = s.shared + row * columns - s.first_column;
        for (int64_t p = s.starts[row]; p < s.starts[row + 1]; ++p) {
          const Columns own = lists.columns()[p];
          for (uint32_t i = own.begin; i < own.end; ++i) {
            shared[postings[i].sequence] += std::min(own.count, postings[i].count);
          }
        }
      }
    });
  }
}

}  // namespace stroma::kernels
