import HTTPPipeline
import HTTPTypes
import NIOCore
import PipelineTesting
import Repositories

@testable import BulkOperations

/// A handler behind an `IdempotencyMiddleware`, which counts its runs and repeats the body of its request.
struct IdempotentService: Sendable {
    let runs = HandlerCounter()
    private let handler: Handler

    init(
        time: ManualTimeSource = ManualTimeSource(), _ configure: (inout IdempotencySettings) -> Void = { _ in },
        handler change: @escaping @Sendable (Int, inout Reply) async throws -> Void = { _, _ in }
    ) {
        let runs = runs
        handler = Pipeline {
            IdempotencyMiddleware(in: MemoryIdempotencyStore(timeSource: time), configure: configure)
        }.wrap { exchange in
            let run = runs.increment()
            let body = String(buffer: try await exchange.body.collect(upTo: 1 << 20))
            let fields: HTTPFields = [
                .location: "/orders/\(run)", .setCookie: "s=\(run)", .connection: "X-Hop", .date: "today",
                .init("X-Hop")!: "1",
            ]
            var reply = Reply.testing("run \(run): \(body)", status: .created, fields: fields)
            try await change(run, &reply)
            return reply
        }
    }

    func send(
        _ key: String?, _ target: String = "/orders", body: String, method: HTTPRequest.Method = .post,
        fields: HTTPFields = [.contentType: "application/json"], host: String = "example.test",
        as user: String? = "ann",
        from address: String? = nil, port: Int = 1
    ) async throws -> Reply {
        var fields = fields
        fields[.idempotencyKey] = key
        var exchange = Exchange.testing(method, target, fields: fields)
        exchange.request.authority = host
        exchange.userID = user
        exchange.remoteAddress = try address.map { try SocketAddress(ipAddress: $0, port: port) }
        let (stream, buffers) = AsyncThrowingStream.makeStream(of: ByteBuffer.self)
        for byte in body.utf8 { buffers.yield(ByteBuffer(bytes: [byte])) }
        buffers.finish()
        exchange.body = RequestBody(.stream(stream))
        return try await handler(exchange)
    }
}

/// The forms of a response's body.
enum BodyForm: CaseIterable {
    case buffer, sizedStream, stream

    func body(_ parts: [String]) -> ReplyBody {
        let text = parts.joined()
        if self == .buffer { return ReplyBody(ByteBuffer(string: text)) }
        return ReplyBody(contentLength: self == .stream ? nil : text.utf8.count) { writer in
            for part in parts { try await writer.write(ByteBuffer(string: part)) }
            try await writer.finish(nil)
        }
    }
}

/// The writer of a client that has disconnected.
struct BrokenWriter: BodyWriter {
    mutating func write(_ buffer: ByteBuffer) async throws { throw ChannelError.ioOnClosedChannel }
    consuming func finish(_ trailers: HTTPFields?) async throws { throw ChannelError.ioOnClosedChannel }
}

/// The failure of a database.
struct StoreFailure: TransientError {
    let isTransient: Bool
}

/// A store that fails to begin with an error, or to finish.
struct FailingKeys: IdempotencyStore {
    let beginError: (any Error)?

    func begin(
        _ id: IdempotencyRecordID, fingerprint: RequestFingerprint, for lifetimes: IdempotencyLifetimes
    ) async throws -> IdempotencyOutcome {
        if let beginError { throw beginError }
        return .started(IdempotencyToken(id: id, number: 1))
    }

    func finish(_ token: IdempotencyToken, with reply: StoredReply) async throws -> Bool {
        throw ChannelError.ioOnClosedChannel
    }

    func abandon(_ token: IdempotencyToken) async throws {}
}
