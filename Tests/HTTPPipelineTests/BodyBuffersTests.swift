import HTTPPipeline
import HTTPTypes
import NIOCore
import PipelineTesting
import Synchronization
import TestSupport
import Testing

/// Bodies as an adapter of a framework that pulls reads them.
@Suite(.timeLimit(.minutes(1)))
struct BodyBuffersTests {
    struct Failure: Error {}

    static func texts(_ body: ReplyBody) async throws -> [String] {
        var texts: [String] = []
        for try await buffer in body.buffers { texts.append(String(buffer: buffer)) }
        return texts
    }

    @Test func `All bodies are read in order`() async throws {
        #expect(try await Self.texts(.empty) == [])
        #expect(try await Self.texts(ReplyBody(ByteBuffer(string: "whole"))) == ["whole"])
        let stream = ReplyBody { writer in
            for number in 0..<100 { try await writer.write(ByteBuffer(string: "\(number)")) }
            try await writer.finish([:])
        }
        #expect(try await Self.texts(stream) == (0..<100).map { "\($0)" })
    }

    @Test func `A buffer is produced when the reader asks for it`() async throws {
        let written = HandlerCounter()
        let body = ReplyBody { writer in
            while true {
                try await writer.write(ByteBuffer(string: "x"))
                written.increment()
            }
        }
        var iterator = body.buffers.makeAsyncIterator()
        for count in 1...3 {
            _ = try await iterator.next()
            try await waitUntil { written.count == count }
        }
        // The writer now waits in the fourth write.
        for _ in 0..<100 { await Task.yield() }
        #expect(written.count == 3)
    }

    @Test func `The producer is cancelled with the reader`() async throws {
        let errors = Mutex(0)
        let body = ReplyBody { writer in
            do {
                while true { try await writer.write(ByteBuffer(string: "x")) }
            } catch {
                errors.withLock { $0 += 1 }
                throw error
            }
        }
        for try await _ in body.buffers { break }
        try await waitUntil { errors.withLock { $0 } == 1 }
    }

    @Test func `The reader gets the producer's error after its buffers`() async throws {
        let body = ReplyBody { writer in
            try await writer.write(ByteBuffer(string: "x"))
            throw Failure()
        }
        var iterator = body.buffers.makeAsyncIterator()
        #expect(try await iterator.next() == ByteBuffer(string: "x"))
        await #expect(throws: Failure.self) { try await iterator.next() }
    }
}
