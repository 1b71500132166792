import HTTPPipeline
import HTTPTypes
import NIOCore
import Repositories

/// Runs handlers once for each key, and stores their responses.
struct IdempotencyKeeper: Sendable {
    let store: any IdempotencyStore
    let settings: IdempotencySettings

    /// Returns the response to a request of a protected method.
    func respond(to exchange: Exchange, _ handle: (Exchange) async throws -> Reply) async throws -> Reply {
        // A middleware outside of this one has started the record: starting it once more would refuse its own request.
        if exchange[IdempotencyCommit.Key.self] != nil { return try await handle(exchange) }
        let request = exchange.request
        let given: IdempotencyKey?
        do {
            given = try IdempotencyKey(of: request)
        } catch {
            return refusal(.badRequest, "\(error)", of: request)
        }
        guard let key = given else {
            guard settings.isRequired else { return try await handle(exchange) }
            return refusal(.badRequest, "Idempotency-Key is required for this request.", of: request)
        }
        guard let client = settings.client(of: exchange) else {
            return refusal(.badRequest, "Idempotency-Key needs a user. Authenticate, or send no key.", of: request)
        }
        let body: ByteBuffer
        do {
            body = try await exchange.body.collect(upTo: settings.maximumRequestSize)
        } catch let error as BodyTooLarge {
            return refusal(
                .contentTooLarge, "The body of a request with Idempotency-Key must have at most \(error.limit) bytes.",
                of: request)
        }
        let id = IdempotencyRecordID(key, client: client, of: request)
        let outcome: IdempotencyOutcome
        do {
            outcome = try await store.begin(
                id, fingerprint: RequestFingerprint(of: request, body: body), for: settings.lifetimes)
        } catch is IdempotencyStoreFull {
            return refusal(
                .serviceUnavailable, "Too many requests with Idempotency-Key are running.", of: request, retries: true)
        } catch let error as any TransientError where error.isTransient {
            settings.storeDidFail?(error, exchange)
            return refusal(
                .serviceUnavailable, "The service is unavailable. Try again later.", of: request, retries: true)
        }
        switch outcome {
        case .finished(let reply): return reply.replay
        case .running:
            return refusal(.conflict, "A request with this Idempotency-Key is running.", of: request, retries: true)
        case .mismatch:
            return refusal(
                .unprocessableContent, "This Idempotency-Key was used for another request. Send a new key.", of: request
            )
        case .started(let token):
            let run = IdempotencyRun(store: store, token: token, exchange: exchange, didFail: settings.storeDidFail)
            var exchange = exchange
            if body.readableBytes > 0 { exchange.body = RequestBody(body) }
            let commit = IdempotencyCommit(run, maximumSize: settings.maximumResponseSize)
            exchange[IdempotencyCommit.Key.self] = commit
            do {
                let reply = try await handle(exchange)
                return commit.isFinished ? reply : try await keep(reply, of: run)
            } catch {
                await run.abandon()
                throw error
            }
        }
    }

    /// Stores a response, or abandons the key.
    ///
    /// - Returns: The response to send.
    private func keep(_ reply: Reply, of run: IdempotencyRun) async throws -> Reply {
        let limit = settings.maximumResponseSize
        guard reply.thrownError == nil, settings.storesStatus(reply.status), reply.body.contentLength ?? 0 <= limit
        else {
            await run.abandon()
            return reply
        }
        var sent = reply
        switch reply.body.content {
        case .empty, .buffer:
            let body = try await reply.body.collect(upTo: limit).buffer
            await run.finish(StoredReply(reply, body: body))
            return reply
        case .stream(let stream) where stream.contentLength != nil:
            let collected = try await reply.body.collect(upTo: limit)
            sent.body = collected.body
            await run.finish(StoredReply(reply, body: collected.buffer))
        case .stream(let stream):
            sent.body = ReplyBody(.stream(KeptBody(stream: stream, reply: reply, run: run, limit: limit)))
        }
        return sent
    }

    private func refusal(
        _ status: HTTPResponse.Status, _ detail: String, of request: HTTPRequest, retries: Bool = false
    ) -> Reply {
        var details = ProblemDetails(status, detail)
        if retries { details.headerFields[.retryAfter] = "1" }
        if let documentation = settings.documentation {
            details.headerFields[.link] = "<\(documentation)>; rel=\"describedby\""
        }
        return details.reply(to: request)
    }
}

/// One run of a handler for a key.
struct IdempotencyRun: Sendable {
    let store: any IdempotencyStore
    let token: IdempotencyToken
    let exchange: Exchange
    let didFail: (@Sendable (any Error, Exchange) -> Void)?

    func finish(_ reply: StoredReply) async {
        await settle { try await store.finish(token, with: reply) }
    }

    func abandon() async {
        await settle { try await store.abandon(token) }
    }

    /// Calls the store in a task of its own: the request is often cancelled at this point, because its client has disconnected, and its
    /// repetition needs the record all the more.
    private func settle(_ call: @escaping @Sendable () async throws -> Void) async {
        await Task {
            do { try await call() } catch { didFail?(error, exchange) }
        }.value
    }
}

extension HTTPField.Name {
    static let link = HTTPField.Name("Link")!
}
