import NIOCore
import Repositories

/// What happened with the first items of an operation, for its status.
struct OperationDetails {
    private(set) var created: [RowValue] = []
    private(set) var updated: [RowValue] = []
    private(set) var deleted: [RowValue] = []
    /// The failed items as JSON.
    private(set) var failures: [ByteBuffer] = []
    /// The rows that were read.
    private(set) var rows: String?

    /// Reads the outcomes of the first part, and those of the first failed items.
    ///
    /// - Throws: The errors of the queue.
    init(of operation: BulkOperation, in operations: Operations) async throws {
        let limit = operations.settings.maximumListedCount
        if operation.state.isFinal, operation.counts.succeeded > 0 {
            let outcome = try await operations.queue.parts(PartQuery(of: operation.id)).first?.outcome
            rows = outcome?.rows
            for success in outcome?.successes ?? [] {
                switch success.kind {
                case .created where created.count < limit: created.append(success.key)
                case .updated where updated.count < limit: updated.append(success.key)
                case .deleted where deleted.count < limit: deleted.append(success.key)
                default: break
                }
            }
        }
        guard operation.counts.failed > 0 else { return }
        let results = OperationResults(operations, operation)
        failures = try await results.entries(.failed, from: 0, limit: limit).entries.map(\.json)
    }
}
