import HTTPPipeline
import NIOCore
import Synchronization
import Testing

@Suite struct BodyVariantsTests {
    static let body = ByteBuffer(string: "body")
    static let digest = ByteBuffer(repeating: 1, count: 16)

    @Test func `The digest of a body is computed once`() {
        let variants = BodyVariants(of: Self.body)
        var bodies: [ByteBuffer] = []
        for _ in 0..<3 {
            let digest = variants.digest {
                bodies.append($0)
                return Self.digest
            }
            #expect(digest == Self.digest)
        }
        #expect(bodies == [Self.body])
        #expect(variants.kept.map(\.name) == ["md5"])
    }

    @Test func `A digest without room is computed each time`() {
        let variants = BodyVariants(of: Self.body)
        var sizes: [Int] = []
        let refused = Refusals()
        variants.reserving { _, byteCount in refused.refuse(byteCount) }
        for _ in 0..<3 {
            #expect(
                variants.digest {
                    sizes.append($0.readableBytes)
                    return Self.digest
                } == Self.digest)
        }
        #expect(sizes == [4, 4, 4])
        #expect(refused.sizes == [16], "room is requested once")
        #expect(variants.kept.isEmpty)
    }

    @Test func `A supplied digest of the right size is used`() {
        for (restored, expected) in [(16, 2), (15, 1), (0, 1)] as [(Int, UInt8)] {
            let variants = BodyVariants(of: Self.body)
            variants.restore([("md5", ByteBuffer(repeating: 2, count: restored))])
            #expect(variants.digest { _ in Self.digest } == ByteBuffer(repeating: expected, count: 16))
        }
    }

    @Test func `A life ends once, and with the enclosing one`() {
        let all = EntryLife()
        let lives = (EntryLife(within: all), EntryLife(within: all))
        #expect(!lives.0.isOver && !lives.1.isOver)
        lives.0.end()
        #expect(lives.0.isOver && !lives.1.isOver && !all.isOver)
        all.end()
        #expect(lives.0.isOver && lives.1.isOver)
    }
}

private final class Refusals: Sendable {
    private let state = Mutex<[Int]>([])
    var sizes: [Int] { state.withLock { $0 } }

    func refuse(_ byteCount: Int) -> Bool {
        state.withLock { $0.append(byteCount) }
        return false
    }
}
