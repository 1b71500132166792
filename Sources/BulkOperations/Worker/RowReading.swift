import ConcurrencySupport
import HTTPPipeline
import NIOCore
import Repositories

/// The error of a read that takes too long.
struct ReadTimeout: Error {}

/// Reads the rows of an operation that reads.
struct RowReading: Sendable {
    private let request: OperationRequest
    private let repository: any Repository
    private let settings: Operations.Settings

    init(_ request: OperationRequest, _ repository: any Repository, _ settings: Operations.Settings) {
        (self.request, self.repository, self.settings) = (request, repository, settings)
    }

    /// Reads the rows and records them as the outcome of a lease.
    func carryOut(_ lease: ChunkLease, in queue: any BulkQueue) async throws -> Bool {
        var query = PartQuery(of: lease.operation.id)
        query.firstIndex = lease.items.lowerBound
        query.includesItems = true
        guard let part = try await queue.parts(query).first?.part else { return false }
        let outcome = try await withTimeout(
            settings.readTimeout, clock: ContinuousClock(), throwing: ReadTimeout()
        ) { () async throws -> ChunkOutcome in
            try await self.outcome(part)
        }
        return try await queue.carryOut(lease, on: repository) { _ in ChunkWork([]) { _ in outcome } }
    }

    private func outcome(_ part: ChunkPart) async throws -> ChunkOutcome {
        guard !part.items.isEmpty else {
            var outcome = ChunkOutcome()
            for (index, key) in try await read(request.scope, settings.maximumReadCount, &outcome).enumerated() {
                outcome.successes.append(.init(index: index, .read, key: key))
            }
            return outcome
        }
        let items = try ChunkItems(part, of: request, in: repository.fields)
        let name = repository.fields.key.name
        let keys = (0..<items.rows.rowCount).map { items.rows.value(row: $0, field: name) ?? .null }
        var outcome = ChunkOutcome()
        let found = Set(try await read(.values(name, keys) && request.scope, keys.count, &outcome))
        outcome.failures = items.failures
        for (row, key) in keys.enumerated() {
            let (index, line) = items.position(of: row)
            if found.contains(key) {
                outcome.successes.append(.init(index: index, .read, key: key))
            } else {
                let error = RowError.notFound
                outcome.failures.append(
                    ItemFailure(index: index, line: line, code: error.code.rawValue, errors: FieldErrors(error)))
            }
        }
        outcome.failures.sort { $0.index < $1.index }
        return outcome
    }

    /// Reads rows, adds them to an outcome as JSON, and returns their keys.
    private func read(
        _ selection: Selection, _ limit: Int, _ outcome: inout ChunkOutcome
    ) async throws -> [RowValue] {
        let (fields, key) = (repository.fields, repository.fields.key.name)
        let names = fields.visible.map(\.name)
        let rows = try await repository.rows(RowQuery(selection, limit: limit, fields: names))
        var json = ByteBuffer()
        JSONRowWriter(fields, names: names).write(rows, to: &json)
        outcome.rows = String(buffer: json)
        return (0..<rows.rowCount).map { rows.value(row: $0, field: key) ?? .null }
    }
}
