#if GRDB
import BulkOperations
import Repositories
import Synchronization

/// A queue that calls a closure before some steps. An error of the closure keeps the queue from the step, as if the process had ended.
final class ObservedQueue: BulkQueue {
    enum Step { case carryingOut, carriedOut, acknowledging, retrying }

    private let base: any BulkQueue
    private let observer = Mutex<@Sendable (Step) async throws -> Void>({ _ in })

    init(_ base: any BulkQueue) { self.base = base }

    func observe(_ closure: @escaping @Sendable (Step) async throws -> Void) { observer.withLock { $0 = closure } }

    private func report(_ step: Step) async throws { try await observer.withLock { $0 }(step) }

    var changes: OperationChanges { base.changes }
    var settings: BulkQueueSettings { base.settings }
    var batchItemCount: Int { base.batchItemCount }

    func open(_ operation: BulkOperation, idempotencyKey: String?) async throws {
        try await base.open(operation, idempotencyKey: idempotencyKey)
    }

    func append(_ chunk: OperationChunk, to id: OperationID) async throws { try await base.append(chunk, to: id) }

    func submit(_ request: OperationRequest, as id: OperationID, fingerprint: String?) async throws -> BulkOperation {
        try await base.submit(request, as: id, fingerprint: fingerprint)
    }

    func discard(_ id: OperationID) async throws { try await base.discard(id) }

    func lease(by worker: String, of resources: Set<String>) async throws -> ChunkLease? {
        try await base.lease(by: worker, of: resources)
    }

    func extend(_ lease: ChunkLease) async throws -> Bool { try await base.extend(lease) }

    func carryOut(
        _ lease: ChunkLease, on repository: any Repository, _ work: @escaping @Sendable (ChunkPart) throws -> ChunkWork
    ) async throws -> Bool {
        try await report(.carryingOut)
        let isRecorded = try await base.carryOut(lease, on: repository, work)
        try await report(.carriedOut)
        return isRecorded
    }

    func acknowledge(_ lease: ChunkLease) async throws {
        try await report(.acknowledging)
        try await base.acknowledge(lease)
    }

    func retry(_ lease: ChunkLease, after error: any Error) async throws {
        try await report(.retrying)
        try await base.retry(lease, after: error)
    }

    func operation(_ id: OperationID) async throws -> BulkOperation? { try await base.operation(id) }

    func operations(
        of userID: String, state: BulkOperation.State?, before id: OperationID?, limit: Int
    ) async throws -> [BulkOperation] {
        try await base.operations(of: userID, state: state, before: id, limit: limit)
    }

    func accepts(_ repository: any Repository) -> Bool { base.accepts(repository) }

    func parts(_ query: PartQuery) async throws -> [PartRecord] { try await base.parts(query) }

    func cancel(_ id: OperationID) async throws -> BulkOperation? { try await base.cancel(id) }

    func removeExpired() async throws -> Int { try await base.removeExpired() }

    func depth() async throws -> Int { try await base.depth() }

    func optimize(_ repository: any Repository) async throws { try await base.optimize(repository) }
}
#endif
