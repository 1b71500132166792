import HTTPPipeline
import HTTPTypes
import NIOCore
import Synchronization

/// A streamed body that is collected while it is sent, and stored at its end.
///
/// When the client disconnects, the stream is produced to its end for the repetition of the request, unless it is too large to be
/// stored.
struct KeptBody: StreamingBody {
    let stream: any StreamingBody
    let reply: Reply
    let run: IdempotencyRun
    let limit: Int

    var contentLength: Int? { stream.contentLength }

    func write(to writer: consuming any BodyWriter) async throws {
        let keeping = Keeping(limit: limit, reply: reply, run: run)
        do {
            try await stream.write(to: KeepingWriter(keeping: keeping, writer: writer))
        } catch {
            await keeping.abandon()
            throw error
        }
        if let failure = keeping.failure { throw failure }
    }
}

/// What is known about a body while it is written. A class, because the stream consumes the writer.
private final class Keeping: Sendable {
    private struct State {
        var body = ByteBuffer()
        var isSettled = false
        var failure: (any Error)?
    }

    private let limit: Int
    private let reply: Reply
    private let run: IdempotencyRun
    private let state = Mutex(State())

    init(limit: Int, reply: Reply, run: IdempotencyRun) {
        (self.limit, self.reply, self.run) = (limit, reply, run)
    }

    /// The error of a client that has disconnected.
    var failure: (any Error)? { state.withLock { $0.failure } }

    /// Records that the client has disconnected.
    ///
    /// - Throws: The error, if the response is not stored.
    func disconnect(_ error: any Error) throws {
        let isSettled = state.withLock { state in
            state.failure = error
            return state.isSettled
        }
        if isSettled { throw error }
    }

    func add(_ buffer: ByteBuffer) async {
        let isTooLarge = state.withLock { state in
            guard !state.isSettled, buffer.readableBytes <= limit - state.body.readableBytes else { return true }
            state.body.writeImmutableBuffer(buffer)
            return false
        }
        if isTooLarge { await abandon() }
    }

    func finish() async {
        guard let body = settle() else { return }
        await run.finish(StoredReply(reply, body: body))
    }

    func abandon() async {
        guard settle() != nil else { return }
        await run.abandon()
    }

    /// Returns the body to the first caller, and releases it.
    private func settle() -> ByteBuffer? {
        state.withLock { state in
            guard !state.isSettled else { return nil }
            defer { state.body = ByteBuffer() }
            state.isSettled = true
            return state.body
        }
    }
}

private struct KeepingWriter: BodyWriter {
    let keeping: Keeping
    var writer: any BodyWriter

    mutating func write(_ buffer: ByteBuffer) async throws {
        await keeping.add(buffer)
        guard let failure = keeping.failure else {
            do { return try await writer.write(buffer) } catch { return try keeping.disconnect(error) }
        }
        // Nothing is left to do for a client that is gone and a response that is not stored.
        try keeping.disconnect(failure)
    }

    consuming func finish(_ trailers: HTTPFields?) async throws {
        await keeping.finish()
        guard keeping.failure == nil else { return }
        try await writer.finish(trailers)
    }
}
