"""The texts of layout.pxd and layout.py that no schema changes: helpers in C, and their twins in Python."""

HELPERS = """\
    typedef struct { int (*begin)(void *); int (*add)(void *, const void *, size_t);
        int (*end)(unsigned char *, void *); uint64_t context[32]; } outcry_Sha;
    static inline void outcry_sha_begin(outcry_Sha *sha) { sha->begin(sha->context); }
    static inline void outcry_sha_add(outcry_Sha *sha, const uint8_t *memory, int64_t offset, int64_t bytes) {
        sha->add(sha->context, memory + offset, (size_t)bytes); }
    static inline void outcry_sha_end(outcry_Sha *sha, uint8_t *memory, int64_t offset) {
        sha->end(memory + offset, sha->context); }
    static inline void outcry_sha_whole(outcry_Sha *sha, uint8_t *message, int64_t bytes, uint8_t *to, int64_t at) {
        const int64_t end = (bytes + 72) / 64 * 64;
        const uint64_t bits = __builtin_bswap64(8 * (uint64_t)bytes);
        memset(message + bytes, 0, (size_t)(end - bytes));
        message[bytes] = 0x80;
        memcpy(message + end - 8, &bits, 8);
        sha->begin(sha->context);
        sha->add(sha->context, message, (size_t)end);
        for (int64_t place = 0; place < 32; place += 4) {
            uint32_t word;
            memcpy(&word, (const uint8_t *)sha->context + place, 4);
            word = __builtin_bswap32(word);
            memcpy(to + at + place, &word, 4); } }
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


def sha_whole(sha: Sha, message: Memory, bytes: int, to: Memory, at: int) -> None:
    """Write the digest of a message's first bytes there; up to 72 bytes behind them are written over.

    The fastest way for a short message: padded here, so that OpenSSL copies nothing, and read from its state.
    """
    ctypes.memmove(to.address + at, hashlib.sha256(ctypes.string_at(message.address, bytes)).digest(), 32)


def copy_bytes(to: Memory, at: int, source: Memory, offset: int, bytes: int) -> None:
    """Copy so many bytes; the places may overlap."""
    ctypes.memmove(to.address + at, source.address + offset, bytes)


def number_at(memory: Memory, place: int) -> int:
    """The place-th 64-bit number in memory, from 0."""
    return ctypes.c_int64.from_address(memory.address + 8 * place).value


def entry_at(memory: Memory, offset: int) -> EntryHead:
    """The head of the entry that begins there."""
    return EntryHead.from_address(memory.address + offset)'''
