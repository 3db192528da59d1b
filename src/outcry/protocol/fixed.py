"""The texts of layout.pxd and layout.py that no schema changes: helpers in C, and their twins in Python."""

HELPERS = """\
    typedef struct { int (*begin)(void *); int (*add)(void *, const void *, size_t);
        int (*end)(unsigned char *, void *); int64_t lanes; uint64_t context[32]; } outcry_Sha;
    static inline void outcry_sha_begin(outcry_Sha *sha) { sha->begin(sha->context); }
    static inline void outcry_sha_add(outcry_Sha *sha, const uint8_t *memory, int64_t offset, int64_t bytes) {
        sha->add(sha->context, memory + offset, (size_t)bytes); }
    static inline void outcry_sha_end(outcry_Sha *sha, uint8_t *memory, int64_t offset) {
        sha->end(memory + offset, sha->context); }
    static const uint32_t outcry_sha_start[8] __attribute__((unused)) = {0x6a09e667, 0xbb67ae85, 0x3c6ef372,
        0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    static inline int64_t outcry_sha_pad(uint8_t *message, int64_t bytes, int64_t total) {
        const int64_t end = (bytes + 72) / 64 * 64;
        const uint64_t bits = __builtin_bswap64(8 * (uint64_t)total);
        memset(message + bytes, 0, (size_t)(end - bytes));
        message[bytes] = 0x80;
        memcpy(message + end - 8, &bits, 8);
        return end; }
    static inline void outcry_sha_put(const uint32_t *state, uint8_t *to) {
        for (int64_t place = 0; place < 8; place++) {
            const uint32_t word = __builtin_bswap32(state[place]);
            memcpy(to + 4 * place, &word, 4); } }
    static inline void outcry_sha_whole(
            outcry_Sha *sha, uint8_t *memory, int64_t offset, int64_t bytes, uint8_t *to, int64_t at) {
        uint32_t state[8];
        const int64_t end = outcry_sha_pad(memory + offset, bytes, bytes);
        if (sha->lanes) {
            memcpy(state, outcry_sha_start, 32);
            outcry_sha_one(state, memory + offset, end / 64);
        } else {
            sha->begin(sha->context);
            sha->add(sha->context, memory + offset, (size_t)end);
            memcpy(state, sha->context, 32); }
        outcry_sha_put(state, to + at); }
    static inline void outcry_sha_beside(
            uint32_t *state, const uint8_t *from, int64_t blocks,
            uint32_t *second, const uint8_t *second_from, int64_t second_blocks) {
        const int64_t both = blocks < second_blocks ? blocks : second_blocks;
        outcry_sha_two(state, from, second, second_from, both);
        outcry_sha_one(state, from + 64 * both, blocks - both);
        outcry_sha_one(second, second_from + 64 * both, second_blocks - both); }
    static inline void outcry_sha_start_two(uint8_t *states) {
        memcpy(states, outcry_sha_start, 32);
        memcpy(states + 32, outcry_sha_start, 32); }
    static inline void outcry_sha_go_on(
            uint8_t *states, uint8_t *memory, int64_t offset, int64_t blocks, int64_t second, int64_t second_blocks) {
        uint32_t words[16];
        memcpy(words, states, 64);
        outcry_sha_beside(words, memory + offset, blocks, words + 8, memory + second, second_blocks);
        memcpy(states, words, 64); }
    static inline void outcry_sha_finish(uint8_t *states, int64_t which, uint8_t *memory, int64_t offset,
            int64_t bytes, int64_t total, uint8_t *to, int64_t at) {
        uint32_t words[8];
        memcpy(words, states + 32 * which, 32);
        outcry_sha_one(words, memory + offset, outcry_sha_pad(memory + offset, bytes, total) / 64);
        outcry_sha_put(words, to + at); }
    static inline void outcry_sha_pair(outcry_Sha *sha, uint8_t *memory, int64_t offset, int64_t bytes,
            int64_t second_offset, int64_t second_bytes, uint8_t *to, int64_t at, int64_t second_at) {
        if (!sha->lanes) {
            outcry_sha_whole(sha, memory, offset, bytes, to, at);
            outcry_sha_whole(sha, memory, second_offset, second_bytes, to, second_at);
            return; }
        uint32_t state[8], second[8];
        const int64_t blocks = outcry_sha_pad(memory + offset, bytes, bytes) / 64;
        const int64_t second_blocks = outcry_sha_pad(memory + second_offset, second_bytes, second_bytes) / 64;
        memcpy(state, outcry_sha_start, 32);
        memcpy(second, outcry_sha_start, 32);
        outcry_sha_beside(state, memory + offset, blocks, second, memory + second_offset, second_blocks);
        outcry_sha_put(state, to + at);
        outcry_sha_put(second, to + second_at); }
    static inline void outcry_copy(uint8_t *to, int64_t at, const uint8_t *from, int64_t offset, int64_t bytes) {
        memmove(to + at, from + offset, (size_t)bytes); }
    /* Tables begin on a line of 64 bytes, so a row begins on a multiple of the largest power of two in its length. */
    #define outcry_step(row) ((sizeof *(row) | 64) & -(sizeof *(row) | 64))
    #define outcry_hint(row) do { for (size_t at = 0; at < sizeof *(row) + 64 - outcry_step(row); at += 64) \\
        __builtin_prefetch((const char *)(row) + at); __asm__ volatile (""); } while (0)
    static inline int64_t outcry_lowest(uint64_t bits) { return __builtin_ctzll(bits); }
    static inline int64_t outcry_highest(uint64_t bits) { return 63 - __builtin_clzll(bits); }
    static inline uint64_t outcry_bit(int64_t place) { return (uint64_t)1 << place; }
    static inline uint64_t outcry_mix(uint64_t hash, uint64_t word) {
        hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15); return hash ^ (hash >> 29); }
"""

TAIL = '''

def wide(number: int) -> int:
    """The number as 128 bits."""
    return number


def lowest_bit(bits: int) -> int:
    """Place of the lowest set bit; bits is not 0."""
    return (bits & -bits).bit_length() - 1


def highest_bit(bits: int) -> int:
    """Place of the highest set bit; bits is not 0."""
    return bits.bit_length() - 1


def bit_of(place: int) -> int:
    """The bit at the place, 0 to 63."""
    return 1 << place


def hint(row: object) -> None:
    """The row's memory will be needed soon; nothing changes."""


def mix(hash: int, word: int) -> int:
    """One step of a 64-bit multiplicative hash."""
    hash = (hash ^ word) * 0x9E3779B97F4A7C15 & MASK_64
    return hash ^ (hash >> 29)


def fault_of(held: memoryview) -> FaultRow:
    """A fault row over the buffer's memory."""
    return FaultRow.from_buffer(held)


def memory_of(held: memoryview) -> Memory:
    """The memory of a buffer."""
    return Memory(held)


def event_at(memory: Memory, offset: int) -> EventHead:
    """The head of the event that begins there."""
    return EventHead.from_address(memory.address + offset)


class Sha:
    """A SHA-256 under way; compiled it is OpenSSL's own context with the addresses of its three functions."""

    def __init__(self) -> None:
        self.running = hashlib.sha256()


def sha_of(held: memoryview) -> Sha:
    """One SHA-256; the buffer is used by the C side only."""
    return Sha()


def sha_begin(sha: Sha) -> None:
    """Start anew."""
    sha.running = hashlib.sha256()


def sha_add(sha: Sha, memory: Memory, offset: int, bytes: int) -> None:
    """Add so many bytes from there."""
    sha.running.update(ctypes.string_at(memory.address + offset, bytes))


def sha_end(sha: Sha, memory: Memory, offset: int) -> None:
    """Write the 32 bytes of the digest there."""
    ctypes.memmove(memory.address + offset, sha.running.digest(), 32)


def sha_lanes() -> int:
    """1 where two messages can be hashed side by side, else 0."""
    return 0


def sha_start_two(states: Memory) -> None:
    """Begin two long messages side by side, in 64 bytes; only where there are lanes, like the two below."""
    raise AssertionError("uncompiled there are no lanes")


def sha_go_on(states: Memory, memory: Memory, offset: int, blocks: int, second: int, second_blocks: int) -> None:
    """So many blocks of 64 bytes more of the one, which begin there, and so many of the other."""
    raise AssertionError("uncompiled there are no lanes")


def sha_finish(
    states: Memory, which: int, memory: Memory, offset: int, bytes: int, total: int, to: Memory, at: int
) -> None:
    """The last bytes of one of the two, 0 or 1, which has so many in all; writes its digest.  Pads as `sha_whole`."""
    raise AssertionError("uncompiled there are no lanes")


def sha_whole(sha: Sha, memory: Memory, offset: int, bytes: int, to: Memory, at: int) -> None:
    """Write the digest of so many bytes there; up to 72 bytes behind them are written over.

    The fastest way for a short message: padded here, so that nothing is copied, and without a call where possible.
    """
    ctypes.memmove(to.address + at, hashlib.sha256(ctypes.string_at(memory.address + offset, bytes)).digest(), 32)


def sha_pair(
    sha: Sha,
    memory: Memory,
    offset: int,
    bytes: int,
    second_offset: int,
    second_bytes: int,
    to: Memory,
    at: int,
    second_at: int,
) -> None:
    """Write the digests of two messages, as `sha_whole` does; where the processor can, in less than twice the time.

    Behind each is room for its padding, and neither digest is written over the other message.
    """
    sha_whole(sha, memory, offset, bytes, to, at)
    sha_whole(sha, memory, second_offset, second_bytes, to, second_at)


def copy_bytes(to: Memory, at: int, source: Memory, offset: int, bytes: int) -> None:
    """Copy so many bytes; the places may overlap."""
    ctypes.memmove(to.address + at, source.address + offset, bytes)


def number_at(memory: Memory, place: int) -> int:
    """The place-th 64-bit number in memory, from 0."""
    return ctypes.c_int64.from_address(memory.address + 8 * place).value


def entry_at(memory: Memory, offset: int) -> EntryHead:
    """The head of the entry that begins there."""
    return EntryHead.from_address(memory.address + offset)'''
