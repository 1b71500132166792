import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import Testing

@Suite struct EntryCoderTests {
    static let key = CacheKey(high: 0x0123_4567_89AB_CDEF, low: 0xFEDC_BA98_7654_3210)

    static var entry: CacheEntry {
        var fields: HTTPFields = [.contentType: "text/plain"]
        fields.append(HTTPField(name: HTTPField.Name("X-Mixed-Case")!, value: "a"))
        fields.append(HTTPField(name: HTTPField.Name("x-mixed-case")!, value: "b"))
        var secret = HTTPField(name: .contentLanguage, value: Array("é".utf8) + [0xE9])
        secret.indexingStrategy = .disallow
        fields.append(secret)
        let entry = CacheEntry(
            status: .init(code: 299, reasonPhrase: "Très odd"), headerFields: fields,
            body: ByteBuffer(string: "the body"), storedAt: Timestamp(nanoseconds: 1_000_000_000_000_000_001)
        ) {
            $0.freshUntil = Timestamp(nanoseconds: -1)
            $0.expiresAt = Timestamp(nanoseconds: .max)
            $0.tags = ["", "city:1"]
            $0.path = "/cities?page=1"
            $0.computationTime = .milliseconds(250)
            $0.isThrownError = true
        }
        entry.variants.insert(ByteBuffer(string: "short"), named: "gzip-6")
        entry.variants.insert(ByteBuffer(), named: "no better")
        return entry
    }

    private let coder = EntryCoder()

    @Test func `The digest of a body is encoded with it`() throws {
        let entry = CacheEntry(status: .ok, body: ByteBuffer(string: "body"), storedAt: Timestamp(nanoseconds: 0))
        let digest = ByteBuffer(repeating: 1, count: 16)
        _ = entry.variants.digest { _ in digest }
        let coder = EntryCoder()
        let decoded = try coder.decode(coder.encode(entry, for: Self.key), for: Self.key)
        let other = ByteBuffer(repeating: 2, count: 16)
        #expect(decoded.variants.digest { _ in other } == digest)
    }

    @Test func `Version 1 has this encoding`() throws {
        let golden = try #require(ByteBuffer(hex: Self.golden))
        let written = try coder.encode(Self.entry, for: Self.key).hex
        // A change of these bytes makes every stored entry a miss or, worse, misread: it needs a new version.
        #expect(written == golden.hex)
        #expect(areSame(try coder.decode(golden, for: Self.key), Self.entry))
    }

    @Test(arguments: [Int64.min, -1, 0, 1, .max])
    func `Timestamps and durations of any size are restored`(nanoseconds: Int64) throws {
        let moment = Timestamp(nanoseconds: nanoseconds)
        let entry = CacheEntry(status: .ok, storedAt: moment) {
            $0.freshUntil = moment
            $0.expiresAt = moment
            $0.computationTime = .nanoseconds(nanoseconds)
        }
        #expect(areSame(try decoded(entry), entry))
    }

    @Test func `Durations beyond the range of nanoseconds are clamped`() throws {
        var entry = CacheEntry(status: .ok, storedAt: Timestamp(nanoseconds: 0))
        for (time, expected) in [
            (Duration(attoseconds: .max), Duration.nanoseconds(Int64.max)),
            (Duration(attoseconds: .min), .nanoseconds(Int64.min)),
            (Duration(attoseconds: 1_999_999_999), .nanoseconds(1)),
        ] {
            entry.computationTime = time
            #expect(try decoded(entry).computationTime == expected)
        }
    }

    @Test(arguments: [100, 204, 599, 600, 999])
    func `Every status of three digits is restored`(code: Int) throws {
        let entry = CacheEntry(status: .init(code: code), storedAt: Timestamp(nanoseconds: 0))
        #expect(try decoded(entry).status.code == code)
    }

    @Test func `Values of a lenient handler are restored`() throws {
        let value = Array(" \u{1}\t\u{7F}".utf8) + [0xFF, 0x20]
        var entry = CacheEntry(status: .ok, storedAt: Timestamp(nanoseconds: 0))
        entry.headerFields.append(HTTPField(name: .contentLanguage, lenientValue: value))
        #expect(try decoded(entry).headerFields.first?.withUnsafeBytesOfValue { Array($0) } == value)
    }

    @Test func `The encoder and decoder agree on the number of fields`() throws {
        var entry = CacheEntry(status: .ok, storedAt: Timestamp(nanoseconds: 0))
        for _ in 0..<4096 { entry.headerFields.append(HTTPField(name: .contentLanguage, value: "")) }
        #expect(try decoded(entry).headerFields.count == 4096)
        entry.headerFields.append(HTTPField(name: .contentLanguage, value: ""))
        #expect(throws: EntryEncodingError.tooLarge) { try coder.encode(entry, for: Self.key) }
    }

    @Test func `The encoder and decoder agree on the number of tags`() throws {
        var entry = CacheEntry(status: .ok, storedAt: Timestamp(nanoseconds: 0)) {
            $0.tags = Array(repeating: "", count: 65_535)
        }
        #expect(try decoded(entry) == entry)
        entry.tags.append("")
        #expect(throws: EntryEncodingError.tooLarge) { try coder.encode(entry, for: Self.key) }
    }

    @Test(arguments: [0, 1, 127, 128, 16_383, 16_384, 1 << 20])
    func `Bodies of any length are restored`(count: Int) throws {
        let body = ByteBuffer(bytes: (0..<count).map { UInt8(truncatingIfNeeded: $0) })
        let entry = CacheEntry(status: .ok, body: body, storedAt: Timestamp(nanoseconds: 0))
        #expect(areSame(try decoded(entry), entry))
    }

    @Test func `A body shares a buffer that is only slightly larger`() throws {
        let body = ByteBuffer(repeating: 7, count: 20_000)
        let bytes = try coder.encode(
            CacheEntry(status: .ok, body: body, storedAt: Timestamp(nanoseconds: 0)), for: Self.key)
        let shared = try coder.decode(bytes, for: Self.key).body
        #expect(address(of: shared) > address(of: bytes))
        #expect(address(of: shared) < address(of: bytes) + bytes.readableBytes)
        var large = ByteBufferAllocator().buffer(capacity: 1 << 20)
        large.writeString("other things")
        large.moveReaderIndex(to: large.writerIndex)
        large.writeImmutableBuffer(bytes)
        let copied = try coder.decode(large, for: Self.key).body
        #expect(copied == body)
        #expect(copied.storageCapacity < 2 * body.readableBytes)
    }

    @Test func `An unsendable response is not encoded`() throws {
        let odd = CacheEntry(status: .init(code: 99), storedAt: Timestamp(nanoseconds: 0))
        #expect(throws: EntryEncodingError.invalidStatus) { try coder.encode(odd, for: Self.key) }
        let tag = String(repeating: "x", count: 1 << 20)
        let huge = CacheEntry(status: .ok, storedAt: Timestamp(nanoseconds: 0)) {
            $0.tags = Array(repeating: tag, count: 2048)
        }
        #expect(throws: EntryEncodingError.tooLarge) { try coder.encode(huge, for: Self.key) }
    }

    private func decoded(_ entry: CacheEntry) throws -> CacheEntry {
        try coder.decode(coder.encode(entry, for: Self.key), for: Self.key)
    }

    private func address(of buffer: ByteBuffer) -> Int {
        buffer.withUnsafeReadableBytes { Int(bitPattern: $0.baseAddress) }
    }
}

extension EntryCoderTests {
    private static let golden = """
        f5535243 0100 0000 b400000000000000 0123456789abcdeffedcba9876543210
        2b01 0f00 010064a7b3b6e00d ffffffffffffffff ffffffffffffff7f 80b2e60e00000000
        095472c3a873206f6464
        0e2f6369746965733f706167653d31
        02 00 06636974793a31
        04
        30436f6e74656e742d54797065 0a746578742f706c61696e
        30582d4d697865642d43617365 0161
        30782d6d697865642d63617365 0162
        43436f6e74656e742d4c616e6775616765 03c3a9e9
        02
        06677a69702d36 05
        096e6f20626574746572 00
        08 74686520626f6479 73686f7274
        2adf9f671c9ce808
        """
}

extension ByteBuffer {
    var hex: String {
        readableBytesView.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    init?(hex: String) {
        let digits = hex.filter { !$0.isWhitespace }.compactMap(\.hexDigitValue)
        guard digits.count % 2 == 0 else { return nil }
        self.init(bytes: stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) })
    }
}
