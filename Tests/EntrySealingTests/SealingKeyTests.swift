#if Crypto
import EntrySealing
import Testing

@Suite struct SealingKeyTests {
    private static func key(_ id: UInt32, _ byteCount: Int) -> SealingKey {
        SealingKey(id: id, bytes: Array(repeating: 0xAB, count: byteCount))
    }

    @Test(arguments: [0, 1, 31])
    func `A key too short for HMAC is an error`(byteCount: Int) {
        // At any position in the list.
        let error = SealingKeyError.wrongLength(id: 7, byteCount: byteCount, expected: "32 or more")
        #expect(throws: error) { try HMACSeal(writing: Self.key(7, byteCount)) }
        #expect(throws: error) { try HMACSeal(writing: Self.key(1, 32), accepting: [Self.key(7, byteCount)]) }
        #expect(error.description == "Sealing key 7 has \(byteCount) bytes instead of 32 or more.")
    }

    @Test(arguments: [0, 15, 17, 31, 33, 64])
    func `A key length unknown to AES is an error`(byteCount: Int) {
        let error = SealingKeyError.wrongLength(id: 7, byteCount: byteCount, expected: "16, 24 or 32")
        #expect(throws: error) { try AESGCMSeal(writing: Self.key(7, byteCount)) }
    }

    @Test(arguments: [16, 24, 32])
    func `AES accepts keys of three lengths`(byteCount: Int) throws {
        _ = try AESGCMSeal(writing: Self.key(1, byteCount))
    }

    @Test func `Two keys with one number are an error`() {
        #expect(throws: SealingKeyError.duplicate(id: 3)) {
            try HMACSeal(writing: Self.key(3, 32), accepting: [Self.key(3, 64)])
        }
    }

    @Test func `The description of a key hides its secret`() {
        var text = "\(Self.key(5, 32)) \(String(reflecting: Self.key(5, 32)))"
        dump(Self.key(5, 32), to: &text)
        #expect(text.contains("sealing key 5"))
        for spelling in ["171", "ab", "AB", "secret"] { #expect(!text.contains(spelling)) }
    }
}
#endif
