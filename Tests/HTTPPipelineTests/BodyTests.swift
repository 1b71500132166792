import HTTPPipeline
import HTTPTypes
import NIOCore
import PipelineTesting
import Testing

@Suite struct BodyTests {
    static func stream(_ parts: [String], trailers: HTTPFields? = nil) -> ReplyBody {
        ReplyBody { writer in
            for part in parts { try await writer.write(ByteBuffer(string: part)) }
            try await writer.finish(trailers)
        }
    }

    @Test func `A streaming reply is collected with its trailers`() async throws {
        let collected = try await Self.stream(["one ", "two"], trailers: [.from: "t"]).collect(upTo: 7)
        #expect(collected.buffer == ByteBuffer(string: "one two"))
        #expect(collected.trailers == [.from: "t"])
        let again = try await collected.body.collect(upTo: 7)
        #expect(again.buffer == collected.buffer)
        #expect(again.trailers == collected.trailers)
    }

    @Test func `One byte above the limit is too large`() async {
        await #expect(throws: BodyTooLarge(limit: 6)) { try await Self.stream(["one ", "two"]).collect(upTo: 6) }
        await #expect(throws: BodyTooLarge(limit: 2)) {
            try await ReplyBody(ByteBuffer(string: "abc")).collect(upTo: 2)
        }
    }

    @Test func `The size of a body is known unless it streams`() {
        #expect(ReplyBody.empty.contentLength == 0)
        #expect(ReplyBody(ByteBuffer(string: "abc")).contentLength == 3)
        #expect(Self.stream([]).contentLength == nil)
        #expect(ReplyBody(contentLength: 5) { _ in }.contentLength == 5)
    }

    @Test func `A request's stream is collected up to a limit`() async throws {
        let parts = AsyncThrowingStream<ByteBuffer, any Error> { continuation in
            for part in ["ab", "", "cde"] { continuation.yield(ByteBuffer(string: part)) }
            continuation.finish()
        }
        #expect(try await RequestBody(.stream(parts)).collect(upTo: 5) == ByteBuffer(string: "abcde"))
        await #expect(throws: BodyTooLarge(limit: 2)) {
            try await RequestBody(ByteBuffer(string: "abc")).collect(upTo: 2)
        }
        #expect(try await RequestBody.empty.collect(upTo: 0).readableBytes == 0)
    }
}
