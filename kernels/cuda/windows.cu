// The windows of sequences on the GPU: a block a sequence, in shared memory; the whole GPU a
// sequence that is too long for that.
#include <algorithm>

#include "kernels/cuda/elements.h"
#include "kernels/cuda/sort.h"
#include "kernels/memory.h"
#include "kernels/windows.h"

namespace stroma::kernels {
namespace {

constexpr unsigned threads = 256;
constexpr uint32_t free_slot = ~uint32_t{0};
constexpr uint32_t marked = uint32_t{1} << 31;  // added to a place in a slot; places are below

/// A sequence and the scratch memory of the threads that work on it together.
struct Text {
  int64_t letters;
  uint32_t* words;  // [letters / 4 + 2]: four letters a word, zeros behind the last
  uint32_t* table;  // [2 letters]: a slot for each distinct substring of a length, which holds the
                    // first place where it occurs; a substring lies in the first slot from its
                    // hash on that no other has
  uint32_t* slots;  // [letters]: of the substring at each place, its slot in the table

  __device__ Text(int64_t count, uint32_t* scratch)
      : letters(count), words(scratch), table(words + count / 4 + 2), slots(table + 2 * count) {}
};

/// Words of scratch memory that a Text needs.
int64_t scratch_of(int64_t letters) { return letters / 4 + 2 + 3 * letters; }

/// Up to four of the `left` letters from `place` on, as one word.
__device__ uint32_t letters_at(const Text& text, int64_t place, int64_t left) {
  const uint32_t* words = text.words + (place >> 2);
  const uint64_t both = words[0] | uint64_t{words[1]} << 32;
  const auto word = static_cast<uint32_t>(both >> ((place & 3) * 8));
  return left >= 4 ? word : word & ((uint32_t{1} << (left * 8)) - 1);
}

/// 32 bits of which the high ones depend on every letter.
__device__ uint32_t hash_of(const Text& text, int64_t place, int64_t length) {
  uint32_t hash = 0;
  for (int64_t i = 0; i < length; i += 4) {
    hash = (hash ^ letters_at(text, place + i, length - i)) * 0x9e3779b1;  // odd: loses nothing
    hash ^= hash >> 15;
  }
  return hash * 0x85ebca77;
}

__device__ bool equal(const Text& text, int64_t a, int64_t b, int64_t length) {
  for (int64_t i = 0; i < length; i += 4) {
    if (letters_at(text, a + i, length - i) != letters_at(text, b + i, length - i)) return false;
  }
  return true;
}

/// The slot of the `length` letters at `place`, which afterwards holds this place or one before it.
/// A slot once taken stays with its letters, so that in whatever order threads come, equal letters
/// meet in one slot, and the least of their places remains.
__device__ uint32_t slot_of(const Text& text, uint32_t place, int64_t length) {
  const uint64_t slots = 2 * text.letters;
  uint64_t slot = hash_of(text, place, length) * slots >> 32;
  while (true) {
    const uint32_t found = atomicCAS(&text.table[slot], free_slot, place);
    if (found == free_slot) break;
    if (equal(text, found, place, length)) {
      if (place < found) atomicMin(&text.table[slot], place);
      break;
    }
    if (++slot == slots) slot = 0;
  }
  return static_cast<uint32_t>(slot);
}

/// Fills the table with the substrings of so many letters at the first `count` places.
template <class Group>
__device__ void find_equal(const Group& group, const Text& text, int64_t length, int64_t count) {
  const int64_t rank = group.thread_rank(), size = group.size();
  for (int64_t i = rank; i < 2 * text.letters; i += size) text.table[i] = free_slot;
  group.sync();
  for (int64_t i = rank; i < count; i += size) {
    text.slots[i] = slot_of(text, static_cast<uint32_t>(i), length);
  }
  group.sync();
}

/// Steps 1 and 2 where they leave windows out: taken[offset] of each of the windows.
template <class Group>
__device__ void take_windows(const Group& group, const Text& text, const WindowOptions& options,
                             const int32_t* last_regular, int64_t windows, uint8_t* taken) {
  const int64_t rank = group.thread_rank(), size = group.size();
  const int64_t inner = options.length - options.min_shared;  // last start of a shared text
  if (inner >= 0) {
    const int64_t starts = text.letters - options.min_shared + 1;
    find_equal(group, text, options.min_shared, starts);
    for (int64_t i = rank; i < starts; i += size) {  // marked: in a window of step 1
      const int64_t regular = last_regular[i < windows ? i : windows - 1];
      if (regular >= i - inner) atomicOr(&text.table[text.slots[i]], marked);
    }
    group.sync();
  }
  for (int64_t offset = rank; offset < windows; offset += size) {
    bool take = last_regular[offset] == offset;
    for (int64_t i = offset; !take && i <= offset + inner; ++i) {
      take = (text.table[text.slots[i]] & marked) != 0;
    }
    taken[offset] = take;
  }
  group.sync();
}

/// keep[offset] = whether the sequence's list has the window at this offset, keep [text.letters].
/// last_regular is null where every window is taken.
template <class Group>
__device__ void mark_windows(const Group& group, const uint8_t* letters, const Text& text,
                             const WindowOptions& options, const int32_t* last_regular,
                             uint8_t* keep) {
  const int64_t rank = group.thread_rank(), size = group.size();
  for (int64_t word = rank; word < text.letters / 4 + 2; word += size) {
    uint32_t packed = 0;
    for (int64_t i = 4 * word; i < 4 * word + 4 && i < text.letters; ++i) {
      packed |= uint32_t{letters[i]} << (i % 4 * 8);
    }
    text.words[word] = packed;
  }
  const int64_t windows = text.letters - options.length + 1;
  uint32_t mark = 0;
  if (last_regular != nullptr && windows > 0) {
    take_windows(group, text, options, last_regular, windows, keep);
    mark = marked;
  }
  find_equal(group, text, options.length, windows);
  if (mark != 0) {
    for (int64_t i = rank; i < windows; i += size) {
      if (keep[i] != 0) atomicOr(&text.table[text.slots[i]], mark);
    }
    group.sync();
  }
  for (int64_t i = rank; i < text.letters; i += size) {
    keep[i] = i < windows && text.table[text.slots[i]] == (static_cast<uint32_t>(i) | mark);
  }
}

/// What both kernels read and write. keep is [all letters].
struct Marking {
  WindowOptions options;
  const uint8_t* letters;
  const int64_t* begins;  // [sequences + 1]
  const int32_t* last_regular;
  uint8_t* keep;
};

/// Block s marks the windows of sequence s, if it has at most so many letters. All that a sequence
/// needs lies in shared memory: its letters are read once, a byte a letter is written.
__global__ void __launch_bounds__(threads) short_sequences_kernel(Marking m, int64_t most_letters) {
  const int64_t begin = m.begins[blockIdx.x], letters = m.begins[blockIdx.x + 1] - begin;
  if (letters > most_letters) return;
  mark_windows(cg::this_thread_block(), m.letters + begin, Text(letters, shared_memory<uint32_t>()),
               m.options, m.last_regular, m.keep + begin);
}

/// All blocks mark the windows of one sequence. scratch [scratch_of(its letters)].
// One block a multiprocessor is enough: for more, ptxas spills registers on compute capability 8.0.
__global__ void __launch_bounds__(threads, 1)
    long_sequence_kernel(Marking m, int64_t sequence, uint32_t* scratch) {
  const int64_t begin = m.begins[sequence], letters = m.begins[sequence + 1] - begin;
  mark_windows(cg::this_grid(), m.letters + begin, Text(letters, scratch), m.options,
               m.last_regular, m.keep + begin);
}

/// places[i] = (sequence, offset) of the i-th letter selected: a thread a window.
struct LocateWindow {
  const int64_t* letters;  // [room]: places in all letters, *count of them
  const int64_t* begins;   // [sequences + 1]
  int64_t sequences;
  const int64_t* count;
  int32_t* places;  // [room, 2]

  __device__ void operator()(int64_t i) const {
    if (i >= *count) return;
    int64_t low = 0, high = sequences;  // begins[low] ≤ letter < begins[high]
    while (high - low > 1) {
      const int64_t middle = (low + high) / 2;
      (begins[middle] <= letters[i] ? low : high) = middle;
    }
    places[2 * i] = static_cast<int32_t>(low);
    places[2 * i + 1] = static_cast<int32_t>(letters[i] - begins[low]);
  }
};

void mark_short_sequences(const Cuda& cuda, const Windows& w, const Marking& marking,
                          int64_t most_letters) {
  int64_t longest = -1;
  for (int64_t s = 0; s < w.sequences; ++s) {
    const int64_t letters = w.begins[s + 1] - w.begins[s];
    if (letters <= most_letters) longest = std::max(longest, letters);
  }
  if (longest < 0) return;
  launch<short_sequences_kernel>(
      {.grid = static_cast<unsigned>(w.sequences),
       .block = threads,
       .shared_bytes = static_cast<std::size_t>(scratch_of(longest)) * sizeof(uint32_t),
       .stream = cuda.stream},
      marking, most_letters);
}

void mark_long_sequence(const Cuda& cuda, const Marking& marking, int64_t sequence,
                        int64_t letters) {
  Workspace<uint32_t, Cuda> scratch(cuda, scratch_of(letters));
  LaunchConfig config{.block = threads, .stream = cuda.stream, .cooperative = true};
  const int64_t resident = resident_blocks<long_sequence_kernel>(config);
  config.grid = static_cast<unsigned>(std::min(resident, (letters + threads - 1) / threads));
  launch<long_sequence_kernel>(config, marking, sequence, scratch.data());
}

}  // namespace

void windows(const Cuda& cuda, const Windows& w) {
  const int64_t room = room_for_windows(w.sequences, w.begins, w.options.length);
  const int64_t letters = w.begins[w.sequences];
  if (room == 0) return zero_bytes(cuda, w.count, sizeof(int64_t));
  int64_t longest = 0;
  for (int64_t s = 0; s < w.sequences; ++s) {
    longest = std::max(longest, w.begins[s + 1] - w.begins[s]);
  }
  std::vector<int32_t> regular;  // step 1 is the same for all sequences, up to their ends
  if (!takes_every_window(w.options)) {
    regular = last_regular_offsets(w.options, longest - w.options.length + 1);
  }
  Workspace<int64_t, Cuda> begins(cuda, w.sequences + 1);
  Workspace<int32_t, Cuda> last_regular(cuda, std::ssize(regular));
  copy_bytes(cuda, begins.data(), w.begins, (w.sequences + 1) * sizeof(int64_t));
  copy_bytes(cuda, last_regular.data(), regular.data(), regular.size() * sizeof(int32_t));

  Workspace<uint8_t, Cuda> keep(cuda, letters);  // [letters]
  const Marking marking{.options = w.options,
                        .letters = w.letters,
                        .begins = begins.data(),
                        .last_regular = regular.empty() ? nullptr : last_regular.data(),
                        .keep = keep.data()};
  // 13 bytes a letter, and two words.
  const int64_t most_letters = (most_shared_bytes() - 8) / 13;
  mark_short_sequences(cuda, w, marking, most_letters);
  for (int64_t s = 0; s < w.sequences; ++s) {
    const int64_t count = w.begins[s + 1] - w.begins[s];
    if (count > most_letters) mark_long_sequence(cuda, marking, s, count);
  }

  Workspace<int64_t, Cuda> kept(cuda, room);  // [room]
  select_flagged(
      cuda, {.count = letters, .flags = keep.data(), .places = kept.data(), .selected = w.count});
  for_each_element(cuda, room,
                   LocateWindow{kept.data(), begins.data(), w.sequences, w.count, w.places});
}

}  // namespace stroma::kernels
