#if Crypto
import CacheMiddleware
import EntrySealing
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import Testing

@Suite struct SealTests {
    static let key = CacheKey(digestOf: "the key")
    static let entry = CacheEntry(
        status: .ok, headerFields: [.contentType: "text/plain"],
        body: ByteBuffer(string: "a secret text"), storedAt: Timestamp(nanoseconds: 1)
    ) { $0.tags = ["city:1"] }

    /// Each kind of seal, created from the numbers of keys.
    enum Kind: CaseIterable {
        case hmac, aesGCM

        func coder(_ writing: UInt32, _ accepting: UInt32...) throws -> EntryCoder {
            let others = accepting.map(SealTests.sealingKey)
            return switch self {
            case .hmac: EntryCoder(seal: try HMACSeal(writing: SealTests.sealingKey(writing), accepting: others))
            case .aesGCM: EntryCoder(seal: try AESGCMSeal(writing: SealTests.sealingKey(writing), accepting: others))
            }
        }
    }

    static func sealingKey(_ id: UInt32) -> SealingKey {
        SealingKey(id: id, bytes: (0..<32).map { UInt8(truncatingIfNeeded: id &* 97 &+ $0) })
    }

    @Test(arguments: Kind.allCases)
    func `A sealed entry opens unchanged`(kind: Kind) throws {
        let coder = try kind.coder(1)
        #expect(try coder.decode(coder.encode(Self.entry, for: Self.key), for: Self.key) == Self.entry)
        let empty = CacheEntry(status: .noContent, storedAt: Timestamp(nanoseconds: 0))
        #expect(try coder.decode(coder.encode(empty, for: Self.key), for: Self.key) == empty)
    }

    @Test(arguments: Kind.allCases)
    func `A modified sealed entry is a miss`(kind: Kind) throws {
        // A byte is changed, missing or added.
        let coder = try kind.coder(1)
        let bytes = try coder.encode(Self.entry, for: Self.key)
        for index in 0..<bytes.readableBytes {
            let byte = try #require(bytes.getInteger(at: index, as: UInt8.self))
            var changed = bytes
            changed.setInteger(byte ^ 0x10, at: index)
            #expect(throws: EntryDecodingError.self) { try coder.decode(changed, for: Self.key) }
            if index >= 32 {
                #expect(throws: EntryDecodingError.wrongSeal) { try coder.decode(changed, for: Self.key) }
                let start = try #require(bytes.getSlice(at: 0, length: index))
                #expect(throws: EntryDecodingError.wrongSeal) { try coder.decode(start, for: Self.key) }
            }
        }
        var longer = bytes
        longer.writeInteger(UInt8(0))
        #expect(throws: EntryDecodingError.wrongSeal) { try coder.decode(longer, for: Self.key) }
    }

    @Test(arguments: Kind.allCases)
    func `A sealed entry is valid only for its own key`(kind: Kind) throws {
        // Whatever its header contains.
        let coder = try kind.coder(1)
        let other = CacheKey(digestOf: "another key")
        var bytes = try coder.encode(Self.entry, for: Self.key)
        #expect(throws: EntryDecodingError.wrongKey) { try coder.decode(bytes, for: other) }
        bytes.setInteger(other.high, at: 16)
        bytes.setInteger(other.low, at: 24)
        #expect(throws: EntryDecodingError.wrongSeal) { try coder.decode(bytes, for: other) }
    }

    @Test(arguments: Kind.allCases)
    func `Keys can be rotated one after the other`(kind: Kind) throws {
        let old = try kind.coder(1).encode(Self.entry, for: Self.key)
        let new = try kind.coder(2, 1).encode(Self.entry, for: Self.key)
        #expect(try kind.coder(1, 2).decode(new, for: Self.key) == Self.entry, "the next key already opens")
        #expect(try kind.coder(2, 1).decode(old, for: Self.key) == Self.entry)
        #expect(try kind.coder(2).decode(new, for: Self.key) == Self.entry)
        let without = try kind.coder(2)
        #expect(throws: EntryDecodingError.wrongSeal) { try without.decode(old, for: Self.key) }
    }

    @Test(arguments: Kind.allCases)
    func `Another secret under the same number opens nothing`(kind: Kind) throws {
        let bytes = try kind.coder(1).encode(Self.entry, for: Self.key)
        let secret = SealingKey(id: 1, bytes: Array(repeating: 7, count: 32))
        let coder = EntryCoder(
            seal: kind == .hmac ? try HMACSeal(writing: secret) as any EntrySeal : try AESGCMSeal(writing: secret)
        )
        #expect(throws: EntryDecodingError.wrongSeal) { try coder.decode(bytes, for: Self.key) }
    }

    @Test func `Kinds of seals are never confused`() throws {
        // Nor is a sealed entry with an unsealed one.
        let coders = [EntryCoder(), try Kind.hmac.coder(1), try Kind.aesGCM.coder(1)]
        let expected: [[EntryDecodingError?]] = [
            [nil, .unexpectedSeal, .unexpectedSeal], [.missingSeal, nil, .wrongSeal], [.missingSeal, .wrongSeal, nil],
        ]
        for (reader, errors) in zip(coders, expected) {
            for (writer, error) in zip(coders, errors) {
                let bytes = try writer.encode(Self.entry, for: Self.key)
                if let error {
                    #expect(throws: error) { try reader.decode(bytes, for: Self.key) }
                } else {
                    #expect(try reader.decode(bytes, for: Self.key) == Self.entry)
                }
            }
        }
    }

    @Test func `HMAC leaves the body readable, and AES-GCM encrypts it`() throws {
        let body = Array(Self.entry.body.readableBytesView)
        let readable = try Kind.hmac.coder(1).encode(Self.entry, for: Self.key)
        #expect(readable.readableBytesView.suffix(body.count).elementsEqual(body))
        let bytes = Array(try Kind.aesGCM.coder(1).encode(Self.entry, for: Self.key).readableBytesView)
        #expect(!bytes.indices.contains { bytes[$0...].starts(with: body.prefix(6)) })
    }

    @Test func `AES-GCM seals of one entry differ`() throws {
        let coder = try Kind.aesGCM.coder(1)
        #expect(try coder.encode(Self.entry, for: Self.key) != coder.encode(Self.entry, for: Self.key))
    }
}
#endif
