#if Hummingbird
import CacheMiddleware
import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import HTTPPipeline
@testable import HummingbirdPipeline

@Suite struct HitTableTests {
    /// A hit whose end a test determines.
    private final class Hit: ReusableHit {
        let end = Atomic(false)
        let counted = Atomic(0)

        var isOver: Bool { end.load(ordering: .acquiring) }

        func use() -> HitUse { isOver ? .over : .usable(age: 1) }

        func count(_ requests: Int) { counted.add(requests, ordering: .relaxed) }
    }

    private let runtime = CacheRuntime()

    private func table(responses: Int = 1024, bytes: Int = 16 << 20, on eventLoop: EmbeddedEventLoop) -> HitTable {
        var settings = ChannelHitSettings()
        settings.responseLimit = responses
        settings.byteLimit = bytes
        return HitTable(ChannelHits(runtime: runtime, settings: settings), on: eventLoop)
    }

    private static func response(_ number: Int, bodySize: Int = 10, hit: Hit = Hit()) throws -> ReusedResponse {
        let request = ByteBuffer(string: "GET /\(number) HTTP/1.1\r\n\r\n")
        let body = ByteBuffer(repeating: 0x61, count: bodySize)
        let head = "HTTP/1.1 200 OK\r\nAge: 1\r\nContent-Length: \(bodySize)\r\n\r\n"
        return try #require(
            ReusedResponse(
                to: (request, request.withUnsafeReadableBytes { HeadHash.hash($0) }),
                written: [ByteBuffer(string: head), body],
                recorded: .init(hit: hit, stamps: [], bodies: BodyVariants(of: body)), marksStatus: false))
    }

    @Test(arguments: [(64, 1 << 20, 10), (4096, 100_000, 10), (4096, 1 << 20, 20_000)])
    func `A flood of distinct responses stays within the limits`(responses: Int, bytes: Int, bodySize: Int) throws {
        let eventLoop = EmbeddedEventLoop()
        let table = table(responses: responses, bytes: bytes, on: eventLoop)
        for number in 0..<3000 {
            table.insert(try Self.response(number, bodySize: bodySize))
            #expect(table.count <= responses)
            #expect(table.byteCount <= bytes)
        }
        #expect(table.count > 8)
        table.sweep()
        let values = try #require(runtime.activity.reuse.values)
        #expect((values.responses, values.bytes) == (table.count, table.byteCount))
    }

    @Test func `A flood of distinct heads replaces nothing`() throws {
        let eventLoop = EmbeddedEventLoop()
        let table = table(on: eventLoop)
        let response = try Self.response(1)
        table.insert(response)
        var generator = SystemRandomNumberGenerator()
        let repeated = (0..<100_000).filter { _ in table.isWorthRecording(generator.next()) }
        #expect(repeated.isEmpty)
        #expect(response.request.withUnsafeReadableBytes { table.slot(of: $0, hash: response.hash) } >= 0)
    }

    @Test func `A sweep frees what was purged, and counts hits`() throws {
        let eventLoop = EmbeddedEventLoop()
        let table = table(on: eventLoop)
        let hits = (0..<100).map { _ in Hit() }
        for (number, hit) in hits.enumerated() { table.insert(try Self.response(number, hit: hit)) }
        let response = try Self.response(7, hit: hits[7])
        let slot = response.request.withUnsafeReadableBytes { table.slot(of: $0, hash: response.hash) }
        for _ in 0..<3 {
            let (used, age) = try #require(table.use(slot))
            #expect(age == 1)
            table.answered(used)
        }
        for hit in hits.prefix(50) { hit.end.store(true, ordering: .releasing) }
        eventLoop.advanceTime(by: .seconds(1))
        #expect(table.count == 50)
        #expect(hits[7].counted.load(ordering: .relaxed) == 3)
        #expect(runtime.activity.reuse.values?.answered == 3)
        for hit in hits { hit.end.store(true, ordering: .releasing) }
        eventLoop.advanceTime(by: .seconds(1))
        #expect((table.count, table.byteCount) == (0, 0))
        #expect(runtime.activity.reuse.values?.responses == 0)
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nSet-Cookie: a=b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nAge: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nAge: 1\r\nAge: 2\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\r\n\r\n",
    ])
    func `A response of another form is not kept`(head: String) {
        let request = ByteBuffer(string: "GET / HTTP/1.1\r\n\r\n")
        let body = ByteBuffer(string: "ab")
        let recorded = HitRecorder.Recorded(hit: Hit(), stamps: [], bodies: BodyVariants(of: body))
        for written in [[ByteBuffer(string: head), body], []] {
            #expect(ReusedResponse(to: (request, 1), written: written, recorded: recorded, marksStatus: false) == nil)
        }
    }

    @Test func `A body that is not the entry's is not kept`() {
        let request = ByteBuffer(string: "GET / HTTP/1.1\r\n\r\n")
        let head = ByteBuffer(string: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
        let recorded = HitRecorder.Recorded(hit: Hit(), stamps: [], bodies: BodyVariants(of: ByteBuffer(string: "cd")))
        let written = [head, ByteBuffer(string: "ab")]
        #expect(ReusedResponse(to: (request, 1), written: written, recorded: recorded, marksStatus: false) == nil)
    }

    @Test(arguments: [0, 9, 10, 99, 100, 2_147_483_648, 5])
    func `Age and Date are replaced`(age: Int) throws {
        let body = ByteBuffer(string: "ab")
        let date = "Sun, 06 Nov 1994 08:49:37 GMT"
        func head(_ age: Int, _ date: String) -> [String] {
            let lines = ["Age: \(age)\r\n", "Date: \(date)\r\n"]
            return [lines, lines.reversed()].map { "HTTP/1.1 200 OK\r\n\($0.joined())Content-Length: 2\r\n\r\n" }
        }
        for order in 0..<2 {
            let response = try #require(
                ReusedResponse(
                    to: (ByteBuffer(string: "GET / HTTP/1.1\r\n\r\n"), 1),
                    written: [ByteBuffer(string: head(7, date)[order]), body],
                    recorded: .init(hit: Hit(), stamps: [], bodies: BodyVariants(of: body)), marksStatus: false))
            var clock = DateClock()
            for (second, age) in [3, age, age, 4, 40, age].enumerated() {
                clock.set(Int64(second) * 100_000_003)
                let now = String(decoding: clock.text, as: UTF8.self)
                #expect(String(buffer: response.head(age: age, at: clock)) == head(age, now)[order] + "ab")
            }
        }
    }
}
#endif
