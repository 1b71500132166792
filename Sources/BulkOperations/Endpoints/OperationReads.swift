import HTTPPipeline
import HTTPTypes
import NIOCore
import Repositories
import Resources

/// Reads many rows: up to a maximum directly, others as an operation.
struct OperationReads: Sendable {
    let operations: Operations

    /// The maximum number of bytes of a body with filters.
    private static let maximumBodySize = 1 << 20

    func reply(to request: CollectionRequest, _ exchange: Exchange) async throws -> Reply {
        let fields = request.resource.repository.fields
        var operation = OperationRequest(.get, of: request.resource.name, scope: request.rows, for: exchange.userID)
        var chunk = OperationChunk(number: 0, firstIndex: 0, itemCount: 0, bytes: ByteBuffer())
        if let ids = exchange.queryParameters[.keys] {
            let keys = try keys(ids, fields)
            if keys.count <= operations.settings.maximumDirectReadCount {
                return try await direct(keys, request, exchange)
            }
            chunk.itemCount = keys.count
            chunk.bytes.writeArray(keys) { $1.writeJSON($0) }
        } else {
            let body = try await exchange.body.collect(upTo: Self.maximumBodySize)
            if body.readableBytes > 0 {
                try exchange.request.requireJSON()
                operation.scope = operation.scope && (try FilterParser(fields).parse(json: body))
            } else if !request.hasFilters {
                throw BulkRefusal(
                    ProblemDetails(
                        .badRequest, "Provide either 'ids' query parameter or query filters in request body"))
            }
            try await checkCount(of: operation.scope, in: request.resource.repository)
        }
        // HEAD is safe: it accepts no operation.
        guard exchange.request.method != .head else { return Reply(status: .accepted) }
        let id = OperationID(at: operations.clock.now)
        do {
            let stored = try await operations.withQueue { queue in
                try await queue.open(
                    BulkOperation(id, operation, createdAt: operations.clock.now), idempotencyKey: nil)
                try await queue.append(chunk, to: id)
                return try await queue.submit(operation, as: id, fingerprint: nil)
            }
            return try await OperationSubmission(operations: operations).response(
                to: exchange, stored, Preferences(of: exchange.request))
        } catch {
            try? await operations.queue.discard(id)
            throw OperationSubmission.refusal(error) ?? error
        }
    }

    /// Checks that an operation reads no more rows than the maximum.
    private func checkCount(of selection: Selection, in repository: any Repository) async throws {
        let maximum = operations.settings.maximumReadCount
        let count = try await repository.count(selection)
        guard count > maximum else { return }
        var details = ProblemDetails(
            .contentTooLarge, "The filters select \(count) rows, and the maximum is \(maximum).")
        details.numbers = [("limit", maximum)]
        details.texts = [("unit", "rows")]
        throw BulkRefusal(details)
    }

    /// Returns the keys in a list with commas.
    private func keys(_ text: String, _ fields: FieldSet) throws -> [RowValue] {
        let parts = text.split(separator: ",").map { String($0.drop { $0 == " " }) }.filter { !$0.isEmpty }
        let maximum = operations.settings.maximumReadCount
        guard parts.count <= maximum else {
            throw FieldErrors(field: "ids", "The list has more than \(maximum) keys.")
        }
        return try parts.map { part in
            guard fields.key.type == .integer else { return .text(part) }
            guard let key = Int64(part) else {
                throw BulkRefusal(
                    ProblemDetails(.badRequest, "Invalid ID format. Use comma-separated integers."))
            }
            return .integer(key)
        }
    }

    private func direct(_ keys: [RowValue], _ request: CollectionRequest, _ exchange: Exchange) async throws -> Reply {
        let fields = request.resource.repository.fields
        let names = fields.visible.map(\.name)
        let query = RowQuery(.values(fields.key.name, keys) && request.rows, fields: names)
        let rows = try await request.resource.repository.rows(query)
        var body = ByteBuffer()
        body.writeObject { members in
            members.write("count", .integer(Int64(rows.rowCount)))
            members.write("results") { JSONRowWriter(fields, names: names).write(rows, to: &$0) }
            members.write("is_async", false)
        }
        return Reply(
            status: .ok, headerFields: [.contentType: "application/json", .vary: "Accept"], body: ReplyBody(body))
    }
}
