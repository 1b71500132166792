import CacheMiddleware
import HTTPPipeline
import KeyConstructor
import NIOCore
import Testing

@Suite struct EntryCoderPropertyTests {
    private let coder = EntryCoder()

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `Every entry is decoded as it was encoded`(seed: UInt64) throws {
        // And encodes to the same bytes again.
        var random = RandomEntries(seed: seed)
        for _ in 0..<5 {
            let entry = random.entry(bodiesUpTo: 500)
            let key = random.key()
            let bytes = try coder.encode(entry, for: key)
            let decoded = try coder.decode(bytes, for: key)
            #expect(areSame(decoded, entry))
            #expect(try coder.encode(decoded, for: key) == bytes)
        }
    }

    @Test(arguments: 0..<2 as Range<UInt64>)
    func `An entry with one changed byte is invalid`(seed: UInt64) throws {
        var random = RandomEntries(seed: seed)
        let key = random.key()
        let bytes = try coder.encode(random.entry(bodiesUpTo: 50), for: key)
        var found = 0
        for index in bytes.readerIndex..<bytes.writerIndex {
            let byte = try #require(bytes.getInteger(at: index, as: UInt8.self))
            for change in [1, 2, 0x80, UInt8.random(in: 1...255, using: &random)] {
                var changed = bytes
                changed.setInteger(byte ^ change, at: index)
                if (try? coder.decode(changed, for: key)) != nil { found += 1 }
            }
        }
        #expect(found == 0)
    }

    @Test(arguments: 0..<2 as Range<UInt64>)
    func `A truncated or extended entry is invalid`(seed: UInt64) throws {
        var random = RandomEntries(seed: seed)
        let key = random.key()
        let bytes = try coder.encode(random.entry(bodiesUpTo: 50), for: key)
        for count in 0..<bytes.readableBytes {
            let start = try #require(bytes.getSlice(at: 0, length: count))
            #expect(throws: count < 4 ? EntryDecodingError.foreign : .damaged) { try coder.decode(start, for: key) }
        }
        for rest in [[0], [1, 2, 3], Array(repeating: 0, count: 1000)] as [[UInt8]] {
            var longer = bytes
            longer.writeBytes(rest)
            #expect(throws: EntryDecodingError.damaged) { try coder.decode(longer, for: key) }
        }
    }

    @Test func `Random bytes are foreign`() {
        var random = RandomEntries(seed: 7)
        for _ in 0..<500 {
            let bytes = ByteBuffer(bytes: random.bytes(upTo: 300))
            #expect(throws: EntryDecodingError.foreign) { try coder.decode(bytes, for: random.key()) }
        }
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func `Changed content is refused or decodes to other bytes`(seed: UInt64) throws {
        // Without a checksum, what is decoded encodes to just these bytes.
        let coder = EntryCoder(seal: OpenSeal())
        var random = RandomEntries(seed: seed)
        let key = random.key()
        let content = Array(try coder.encode(random.entry(bodiesUpTo: 30), for: key).readableBytesView.dropFirst(32))
        for _ in 0..<500 {
            var changed = content
            for _ in 0...Int.random(in: 0...3, using: &random) {
                let value = [0, 1, 0x7F, 0x80, 0xFF, UInt8.random(in: 0...255, using: &random)].randomElement(
                    using: &random)
                changed[Int.random(in: changed.indices, using: &random)] = value ?? 0
            }
            let bytes = OpenSeal.sealed(changed, for: key)
            do {
                let entry = try coder.decode(bytes, for: key)
                #expect(try coder.encode(entry, for: key) == bytes)
            } catch {
                #expect(error as? EntryDecodingError == .malformed)
            }
        }
    }
}
