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
        let key = repository.fields.key.name
        var selection = request.scope
        if part.chunk.itemCount > 0, !part.chunk.bytes.readableBytesView.isEmpty {
            let items = try ChunkItems(part, of: request, in: repository.fields)
            selection =
                .values(key, (0..<items.rows.rowCount).compactMap { items.rows.value(row: $0, field: key) })
                && selection
        }
        let names = repository.fields.visible.map(\.name)
        let rows = try await repository.rows(RowQuery(selection, limit: settings.maximumReadCount, fields: names))
        var json = ByteBuffer()
        JSONRowWriter(repository.fields, names: names).write(rows, to: &json)
        var outcome = ChunkOutcome()
        outcome.rows = String(buffer: json)
        outcome.successes = (0..<rows.rowCount).map { row in
            .init(index: row, .read, key: rows.value(row: row, field: key) ?? .null)
        }
        return outcome
    }
}
