import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import Testing

@Suite struct EntryDecodingErrorTests {
    private static let key = EntryCoderTests.key

    private let coder = EntryCoder()

    @Test(arguments: [
        "", "F553", "7b226b6579223a317d", "1f8b0800000000000003", "80049500000000", "5243f553", "F5535244 0100",
    ])
    func `Bytes of another origin are foreign`(hex: String) throws {
        let bytes = try #require(ByteBuffer(hex: hex))
        #expect(throws: EntryDecodingError.foreign) { try coder.decode(bytes, for: Self.key) }
    }

    @Test(arguments: [0, 2, 0xFFFF] as [UInt16])
    func `An entry of another version is not decoded`(version: UInt16) throws {
        var bytes = try coder.encode(EntryCoderTests.entry, for: Self.key)
        bytes.setInteger(version, at: 4, endianness: .little)
        #expect(throws: EntryDecodingError.unknownVersion) { try coder.decode(bytes, for: Self.key) }
    }

    @Test func `An entry of another key is not decoded`() throws {
        // Nor one whose key was changed to this one.
        let other = CacheKey(high: Self.key.high, low: Self.key.low ^ 1)
        var bytes = try coder.encode(EntryCoderTests.entry, for: Self.key)
        #expect(throws: EntryDecodingError.wrongKey) { try coder.decode(bytes, for: other) }
        bytes.setInteger(other.low, at: 24)
        #expect(throws: EntryDecodingError.damaged) { try coder.decode(bytes, for: other) }
    }

    @Test func `A length that disagrees with the content is damage`() throws {
        let bytes = try coder.encode(EntryCoderTests.entry, for: Self.key)
        let sealed = try EntryCoder(seal: OpenSeal()).encode(EntryCoderTests.entry, for: Self.key)
        for length in [0, 1, UInt64(Int64.max), UInt64(Int64.max) + 1, .max] {
            for (coder, bytes) in [(coder, bytes), (EntryCoder(seal: OpenSeal()), sealed)] {
                var changed = bytes
                changed.setInteger(length, at: 8, endianness: .little)
                #expect(throws: EntryDecodingError.damaged) { try coder.decode(changed, for: Self.key) }
            }
        }
    }

    @Test func `A seal is neither ignored nor optional`() throws {
        let plain = try coder.encode(EntryCoderTests.entry, for: Self.key)
        let sealing = EntryCoder(seal: OpenSeal())
        let sealed = try sealing.encode(EntryCoderTests.entry, for: Self.key)
        #expect(try sealing.decode(sealed, for: Self.key) == EntryCoderTests.entry)
        #expect(throws: EntryDecodingError.unexpectedSeal) { try coder.decode(sealed, for: Self.key) }
        #expect(throws: EntryDecodingError.missingSeal) { try sealing.decode(plain, for: Self.key) }
        let refusing = EntryCoder(seal: RefusingSeal(identifier: 0xFFFF))
        #expect(throws: EntryDecodingError.wrongSeal) { try refusing.decode(sealed, for: Self.key) }
        let another = EntryCoder(seal: RefusingSeal(identifier: 0x7777))
        #expect(throws: EntryDecodingError.wrongSeal) { try another.decode(sealed, for: Self.key) }
        #expect(throws: RefusingSeal.Refusal.self) { try another.encode(EntryCoderTests.entry, for: Self.key) }
    }

    // After `c800 0000`: three texts would follow the timestamps. The content is spelled out to show the error in it.
    @Test(arguments: [
        ("nothing", ""),
        ("half a status", "c8"),
        ("a status of two digits", "6300 0000" + moments + "00 00 00 00 00"),
        ("a status of four digits", "e803 0000" + moments + "00 00 00 00 00"),
        ("the largest status", "ffff 0000" + moments + "00 00 00 00 00"),
        ("an unknown flag", "c800 1000" + moments + "00 00 00 00 00"),
        ("a missing flagged timestamp", "c800 0100" + moments + "00 00 00 00 00"),
        ("a line break in the reason phrase", "c800 0000" + moments + "020d0a 00 00 00 00"),
        ("a reason phrase with invalid UTF-8", "c800 0000" + moments + "01ff 00 00 00 00"),
        ("a URL with invalid UTF-8", "c800 0400" + moments + "00 02c328 00 00 00 00"),
        ("a tag with invalid UTF-8", "c800 0000" + moments + "00 01 03eda080 00 00 00"),
        ("more tags than bytes", "c800 0000" + moments + "00 ffffffff0f 00 00 00"),
        ("a tag longer than the rest", "c800 0000" + moments + "00 01 7f 00 00 00"),
        ("a number of six bytes", "c800 0000" + moments + "00 808080808000 00 00 00"),
        ("a number of 33 bits", "c800 0000" + moments + "00 ffffffff1f 00 00 00"),
        ("a number that could be shorter", "c800 0000" + moments + "00 8000 00 00 00"),
        ("an unterminated number", "c800 0000" + moments + "80"),
        ("a field without a name", "c800 0000" + moments + "00 00 01 00 01 61 00 00"),
        ("a pseudo field", "c800 0000" + moments + "00 00 01 1c 3a737461747573 01 31 00 00"),
        ("a name with a space", "c800 0000" + moments + "00 00 01 0c 612062 01 31 00 00"),
        ("a name beyond ASCII", "c800 0000" + moments + "00 00 01 08 c3a9 01 31 00 00"),
        ("a name with invalid UTF-8", "c800 0000" + moments + "00 00 01 04 ff 01 31 00 00"),
        ("a line break in a value", "c800 0000" + moments + "00 00 01 04 61 03 620d0a 00 00"),
        ("a NUL in a value", "c800 0000" + moments + "00 00 01 04 61 01 00 00 00"),
        ("a value longer than the rest", "c800 0000" + moments + "00 00 01 04 61 ffffffff0f 00 00"),
        ("two encodings of one name", "c800 0000" + moments + "00 00 00 02 0161 00 0161 00 00"),
        (
            "encodings without end",
            "c800 0000" + moments + "00 00 00 11" + String(repeating: "016100", count: 17) + "00"
        ),
        ("a body that ends early", "c800 0000" + moments + "00 00 00 00 02 61"),
        ("a body with further bytes", "c800 0000" + moments + "00 00 00 00 00 61"),
        ("an encoding that ends early", "c800 0000" + moments + "00 00 00 01 0161 03 01 616263"),
        ("lengths whose sum is large", "c800 0000" + moments + "00 00 00 01 0161 ffffffff0f ffffffff0f"),
    ])
    func `Impossible content is malformed even under a valid seal`(what: String, hex: String) throws {
        let content = Array(try #require(ByteBuffer(hex: hex)).readableBytesView)
        let bytes = OpenSeal.sealed(content, for: Self.key)
        #expect(throws: EntryDecodingError.malformed) { try EntryCoder(seal: OpenSeal()).decode(bytes, for: Self.key) }
    }

    @Test func `The shortest content is a valid entry`() throws {
        let content = Array(
            try #require(ByteBuffer(hex: "c800 0000" + Self.moments + "00 00 00 00 00")).readableBytesView)
        let entry = try EntryCoder(seal: OpenSeal()).decode(OpenSeal.sealed(content, for: Self.key), for: Self.key)
        #expect(areSame(entry, CacheEntry(status: 200, storedAt: Timestamp(nanoseconds: 0))))
    }

    @Test func `More fields than a response can have are malformed`() throws {
        var content = Array(
            try #require(ByteBuffer(hex: "c800 0000" + Self.moments + "00 00 ffff03")).readableBytesView)
        for _ in 0..<4097 { content += [4, 0x61, 0] }
        content += [0, 0]
        let bytes = OpenSeal.sealed(content, for: Self.key)
        #expect(throws: EntryDecodingError.malformed) { try EntryCoder(seal: OpenSeal()).decode(bytes, for: Self.key) }
    }

    @Test func `More tags than are encoded are malformed`() throws {
        var content = Array(try #require(ByteBuffer(hex: "c800 0000" + Self.moments + "00 808004")).readableBytesView)
        content += Array(repeating: 0, count: 65_536 + 3)
        let bytes = OpenSeal.sealed(content, for: Self.key)
        #expect(throws: EntryDecodingError.malformed) { try EntryCoder(seal: OpenSeal()).decode(bytes, for: Self.key) }
    }

    @Test func `Each reason has a word for logs and metrics`() {
        let reasons: [EntryDecodingError] = [
            .foreign, .unknownVersion, .damaged, .wrongKey, .wrongSeal, .missingSeal, .unexpectedSeal, .malformed,
        ]
        #expect(Set(reasons.map(\.description)).count == 8)
        #expect("\(EntryDecodingError.wrongSeal)" == "wrong-seal")
    }

    /// The time of storage and the duration of generation, 8 bytes each.
    private static let moments = String(repeating: "00", count: 16)
}

private struct RefusingSeal: EntrySeal {
    struct Refusal: Error {}

    let identifier: UInt16
    func seal(_ content: ByteBuffer, authenticating header: ByteBuffer) throws -> ByteBuffer { throw Refusal() }
    func open(_ sealed: ByteBuffer, authenticating header: ByteBuffer) throws -> ByteBuffer { throw Refusal() }
}
