"""The text in C of SHA-256 for two messages side by side, on processors that have instructions for it.

One round waits for the one before, so a message alone leaves the unit that does them idle half of the time; with
another in between both are done in little more than the time of one.  Which processor has the instructions is asked
when the program runs (`outcry_sha_lanes`); elsewhere there is only that function, which says no, and OpenSSL does one
after the other.  The digests are the same (`tests/protocol/test_lanes.py`).  Never allocates; reads whole blocks only.
"""

LANES = """\
    #if defined(__x86_64__) && defined(__GNUC__)
    #include <cpuid.h>
    #include <immintrin.h>
    #define OUTCRY_SHA_CODE static __attribute__((target("sha,sse4.1,ssse3"), unused))
    static const uint32_t outcry_sha_k[64] __attribute__((aligned(16), unused)) = {
    0x428a2f98,0x71374491,0xb5c0fbcf,0xe9b5dba5,0x3956c25b,0x59f111f1,0x923f82a4,0xab1c5ed5,
    0xd807aa98,0x12835b01,0x243185be,0x550c7dc3,0x72be5d74,0x80deb1fe,0x9bdc06a7,0xc19bf174,
    0xe49b69c1,0xefbe4786,0x0fc19dc6,0x240ca1cc,0x2de92c6f,0x4a7484aa,0x5cb0a9dc,0x76f988da,
    0x983e5152,0xa831c66d,0xb00327c8,0xbf597fc7,0xc6e00bf3,0xd5a79147,0x06ca6351,0x14292967,
    0x27b70a85,0x2e1b2138,0x4d2c6dfc,0x53380d13,0x650a7354,0x766a0abb,0x81c2c92e,0x92722c85,
    0xa2bfe8a1,0xa81a664b,0xc24b8b70,0xc76c51a3,0xd192e819,0xd6990624,0xf40e3585,0x106aa070,
    0x19a4c116,0x1e376c08,0x2748774c,0x34b0bcb5,0x391c0cb3,0x4ed8aa4a,0x5b9cca4f,0x682e6ff3,
    0x748f82ee,0x78a5636f,0x84c87814,0x8cc70208,0x90befffa,0xa4506ceb,0xbef9a3f7,0xc67178f2};
    #define OUTCRY_LOAD(m, p) do { for (int at = 0; at < 4; at++) \\
      m[at] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(p) + at), swap); } while (0)
    #define OUTCRY_ROUNDS(s, w, k) do { __m128i sum = _mm_add_epi32(w, k); \\
      s[1] = _mm_sha256rnds2_epu32(s[1], s[0], sum); \\
      s[0] = _mm_sha256rnds2_epu32(s[0], s[1], _mm_shuffle_epi32(sum, 0x0E)); } while (0)
    #define OUTCRY_WORDS(m, a, b, c, d) \\
      m[a] = _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32(m[a], m[b]), _mm_alignr_epi8(m[d], m[c], 4)), m[d])
    #define OUTCRY_K(n) _mm_load_si128((const __m128i *)(outcry_sha_k + 4 * (n)))
    OUTCRY_SHA_CODE inline void outcry_sha_open(__m128i *s, const uint32_t *h) {
        __m128i t = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)h), 0xB1);
        s[1] = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(h + 4)), 0x1B);
        s[0] = _mm_alignr_epi8(t, s[1], 8);
        s[1] = _mm_blend_epi16(s[1], t, 0xF0); }
    OUTCRY_SHA_CODE inline void outcry_sha_close(uint32_t *h, const __m128i *s) {
        __m128i t = _mm_shuffle_epi32(s[0], 0x1B), u = _mm_shuffle_epi32(s[1], 0xB1);
        _mm_storeu_si128((__m128i *)h, _mm_blend_epi16(t, u, 0xF0));
        _mm_storeu_si128((__m128i *)(h + 4), _mm_alignr_epi8(u, t, 8)); }
    OUTCRY_SHA_CODE void outcry_sha_one(uint32_t *h, const uint8_t *p, int64_t blocks) {
        const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
        __m128i s[2], m[4];
        outcry_sha_open(s, h);
        for (; blocks > 0; blocks--, p += 64) {
            const __m128i old[2] = {s[0], s[1]};
            OUTCRY_LOAD(m, p);
    #pragma GCC unroll 16
            for (int n = 0; n < 16; n++) {
                OUTCRY_ROUNDS(s, m[n & 3], OUTCRY_K(n));
                if (n < 12) OUTCRY_WORDS(m, (n & 3), ((n + 1) & 3), ((n + 2) & 3), ((n + 3) & 3)); }
            s[0] = _mm_add_epi32(s[0], old[0]); s[1] = _mm_add_epi32(s[1], old[1]); }
        outcry_sha_close(h, s); }
    OUTCRY_SHA_CODE void outcry_sha_two(uint32_t *h, const uint8_t *p, uint32_t *g, const uint8_t *q, int64_t blocks) {
        const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
        __m128i s[2], m[4], t[2], w[4];
        outcry_sha_open(s, h);
        outcry_sha_open(t, g);
        for (; blocks > 0; blocks--, p += 64, q += 64) {
            const __m128i old[4] = {s[0], s[1], t[0], t[1]};
            OUTCRY_LOAD(m, p);
            OUTCRY_LOAD(w, q);
    #pragma GCC unroll 16
            for (int n = 0; n < 16; n++) {
                const __m128i k = OUTCRY_K(n);
                OUTCRY_ROUNDS(s, m[n & 3], k);
                OUTCRY_ROUNDS(t, w[n & 3], k);
                if (n < 12) {
                    OUTCRY_WORDS(m, (n & 3), ((n + 1) & 3), ((n + 2) & 3), ((n + 3) & 3));
                    OUTCRY_WORDS(w, (n & 3), ((n + 1) & 3), ((n + 2) & 3), ((n + 3) & 3)); } }
            s[0] = _mm_add_epi32(s[0], old[0]); s[1] = _mm_add_epi32(s[1], old[1]);
            t[0] = _mm_add_epi32(t[0], old[2]); t[1] = _mm_add_epi32(t[1], old[3]); }
        outcry_sha_close(h, s);
        outcry_sha_close(g, t); }
    static inline int64_t outcry_sha_lanes(void) {
        unsigned a, b, c, d;
        if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSSE3) || !(c & bit_SSE4_1)) return 0;
        if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return 0;
        return (b >> 29) & 1; }
    #else
    static inline int64_t outcry_sha_lanes(void) { return 0; }
    static inline void outcry_sha_one(uint32_t *h, const uint8_t *p, int64_t blocks) {}
    static inline void outcry_sha_two(uint32_t *h, const uint8_t *p, uint32_t *g, const uint8_t *q, int64_t blocks) {}
    #endif
"""
