import HTTPPipeline
import HTTPSemantics
import HTTPTypes
import Logging
import NIOCore
import Repositories
public import Resources
import ServiceLifecycle

extension Operations: RouteProvider {
    /// The routes for the operations of users: their list, and the status and results of each.
    ///
    /// Every user sees the own operations only; those of others are 404 like unknown ones.
    public var routes: [ResourceRoute] {
        OperationRoute.allTemplates.flatMap { template in
            let routes = OperationRoute.allCases.filter { $0.template == template }
            return ResourceRoute.routes(
                of: template,
                routes.map { route in
                    (route.method, RouteName("operations-\(route.rawValue)"), { try await reply(to: $0, route) })
                })
        }
    }

    private func reply(to exchange: Exchange, _ route: OperationRoute) async throws -> Reply {
        do {
            try OperationRouteParameter.check(exchange.queryParameters, of: route)
            return switch route {
            case .list: try await list(exchange)
            case .status: try await status(exchange)
            case .cancel: try await cancel(exchange)
            case .results: try await results(exchange)
            }
        } catch let refusal as BulkRefusal {
            return refusal.details.reply(to: exchange.request)
        } catch {
            guard
                let reply = ResourceRoute.reply(to: error, exchange)
                    ?? ResourceRoute.reply(to: failure(error), exchange)
            else { throw error }
            return reply
        }
    }

    /// Uses the queue for a request. Failures of its database are logged: their text is not for clients.
    func withQueue<Value>(_ body: (any BulkQueue) async throws -> Value) async throws -> Value {
        do {
            return try await body(queue)
        } catch {
            throw failure(error)
        }
    }

    /// Returns the error for a request when the queue failed.
    private func failure(_ error: any Error) -> any Error {
        guard !(error is QueueRefusal), !(error is CancellationError) else { return error }
        logger.error("bulk queue failed", metadata: ["error": "\(error)"])
        return DatabaseFailure(error)
    }

    /// Returns the path of an operation, as clients see it.
    func path(of id: OperationID, _ part: String) -> String { "\(settings.path)/\(id)/\(part)/" }

    // MARK: Handlers

    private func list(_ exchange: Exchange) async throws -> Reply {
        guard let userID = exchange.userID else {
            throw BulkRefusal(
                ProblemDetails(
                    .unauthorized, "Authentication credentials were not provided.",
                    headerFields: [.wwwAuthenticate: "Bearer"]))
        }
        let query = exchange.queryParameters
        let size =
            try query.number("page_size", in: OperationRouteParameter.listSizes.range)
            ?? OperationRouteParameter.listSizes.default
        var state: BulkOperation.State?
        if let text = query["status"] {
            guard let known = BulkOperation.State.visible.first(where: { $0.status == text }) else {
                let names = BulkOperation.State.visible.map(\.status)
                throw FieldErrors(field: "status", "Expected one of \(names.joined(separator: ", ")).")
            }
            state = known
        }
        let before = query["before"].map { OperationID($0) }
        if before == .some(nil) { throw FieldErrors(field: "before", "Must be a valid identifier.") }
        let found = try await queue.operations(of: userID, state: state, before: before ?? nil, limit: size + 1)
        var fields: HTTPFields = [.contentType: "application/json", .cacheControl: "no-store"]
        var next: String?
        if found.count > size {
            next = "\(settings.path)/?page_size=\(size)&before=\(found[size - 1].id)"
            if let state { next?.append("&status=\(state.status)") }
            fields[.link] = "<\(next ?? "")>; rel=\"next\""
        }
        var body = ByteBuffer()
        body.writeObject { members in
            members.write("next", next.map { .text($0) } ?? .null)
            members.write("results") { buffer in
                buffer.writeArray(found.prefix(size)) { $1.writeImmutableBuffer(OperationStatus(self, $0).summary()) }
            }
        }
        return Reply(status: .ok, headerFields: fields, body: ReplyBody(body))
    }

    private func status(_ exchange: Exchange) async throws -> Reply {
        let operation = try await operation(of: exchange)
        let accept = exchange.request.headerFields[.accept] ?? ""
        guard
            WeightedMember.list(in: accept).contains(where: {
                $0.weight > 0 && $0.lowercasedValue == "text/event-stream"
            })
        else { return try await OperationStatus(self, operation).reply(to: exchange) }
        let last = exchange.request.headerFields[.lastEventID].flatMap { Int($0) } ?? 0
        return OperationEvents(operations: self, operation: operation, last: last).reply()
    }

    private func cancel(_ exchange: Exchange) async throws -> Reply {
        let operation = try await operation(of: exchange)
        guard !operation.state.isFinal, let cancelled = try await queue.cancel(operation.id) else {
            throw BulkRefusal(ProblemDetails(.conflict, "Task was already in state: \(operation.shown.state)"))
        }
        guard [.cancelling, .cancelled].contains(cancelled.state) else {
            throw BulkRefusal(ProblemDetails(.conflict, "Task was already in state: \(cancelled.shown.state)"))
        }
        let status = try await OperationStatus(self, cancelled).body()
        var body = ByteBuffer()
        body.writeObject { members in
            members.write("task_id", .text("\(operation.id)"))
            members.write("cancelled", true)
            members.write(
                "message",
                .text(cancelled.state == .cancelled ? "Task cancelled successfully" : "Task is being cancelled"))
            members.write("task") { $0.writeImmutableBuffer(status) }
        }
        return Reply(
            status: cancelled.state == .cancelled ? .ok : .accepted,
            headerFields: [.contentType: "application/json", .cacheControl: "no-store"], body: ReplyBody(body))
    }

    private func results(_ exchange: Exchange) async throws -> Reply {
        try await OperationResults(self, operation(of: exchange)).reply(to: exchange)
    }

    /// Returns the operation in the path, if it is one of the user.
    private func operation(of exchange: Exchange) async throws -> BulkOperation {
        guard case .string(let text)? = exchange.pathParameters["id"], let id = OperationID(text),
            let operation = try await queue.operation(id), operation.request.userID == exchange.userID
        else { throw BulkRefusal(ProblemDetails(.notFound, "Not found.")) }
        return operation
    }

    /// Waits for the end of an operation.
    ///
    /// - Returns: The operation, or nil if it has not ended within the time.
    /// - Throws: The errors of the queue.
    func end(of id: OperationID, within limit: Duration) async throws -> BulkOperation? {
        let deadline = ContinuousClock.now + limit
        while true {
            let revision = queue.changes.revision
            if let operation = try await queue.operation(id), operation.state.isFinal { return operation }
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero, !Task.isCancelled, !Task.isShuttingDownGracefully else { return nil }
            await queue.changes.wait(after: revision, upTo: min(left, .milliseconds(250)))
        }
    }
}

extension HTTPField.Name {
    static let lastEventID = HTTPField.Name("Last-Event-ID")!
}

// MARK: - Monitoring

extension Operations {
    /// How far an operation is: django-drf-extensions' `OperationCache.get_task_progress`.
    ///
    /// - Returns: The counts, or nil for an unknown or expired operation.
    /// - Throws: The errors of the queue.
    public func progress(of id: OperationID) async throws -> BulkOperation.Counts? {
        try await queue.operation(id)?.counts
    }

    /// The result of an operation that has ended, as the JSON of its status: django-drf-extensions' `OperationCache.get_task_result`.
    ///
    /// - Returns: The JSON, or nil for an unknown or expired operation and for one that has not ended.
    /// - Throws: The errors of the queue.
    public func result(of id: OperationID) async throws -> String? {
        guard let operation = try await queue.operation(id), operation.state.isFinal else { return nil }
        return String(buffer: try await OperationStatus(self, operation).body())
    }

    /// An operation with its state and counts: django-drf-extensions' `OperationCache.get_task_summary`.
    ///
    /// - Returns: The operation, or nil for an unknown or expired one.
    /// - Throws: The errors of the queue.
    public func summary(of id: OperationID) async throws -> BulkOperation? { try await queue.operation(id) }
}
